// Fields that are more than an input: rows and lists.
import type { ReactNode } from 'react'
import { AlertRulesEditor } from './alert-rules-editor.tsx'
import { CodecLists } from './codec-lists.tsx'
import { ContactsEditor } from './contacts-editor.tsx'
import type { Draft, PlacedError } from './form-model.ts'
import { errorAt, textOf, valueAt, withValue } from './form-model.ts'
import { ProxyEditor } from './proxy-editor.tsx'
import { RatesEditor } from './rates-editor.tsx'
import { ReplyRulesEditor } from './reply-rules-editor.tsx'
import { RewriteEditor } from './rewrite-editor.tsx'

interface OwnProps {
  readonly path: string
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly errors: readonly PlacedError[]
  readonly disabled: boolean
}

export function OwnField({ path, draft, onDraft, errors, disabled }: OwnProps): ReactNode {
  const rows = (valueAt(draft, path) ?? []) as readonly never[]
  const onChange = (next: readonly unknown[]): void => onDraft(withValue(draft, path, next))
  const common = { onChange, errors, disabled }
  if (path === 'outboundProxy') return <ProxyEditor proxies={rows} {...common} />
  if (path === 'contacts') return <ContactsEditor contacts={rows} {...common} />
  if (path === 'rates') return <RatesEditor rates={rows} {...common} />
  if (path === 'alerts') return <AlertRulesEditor rules={rows} {...common} />
  if (path === 'replyRules') return <ReplyRulesEditor rules={rows} {...common} />
  if (path === 'rewrites')
    return <RewriteEditor rewrites={rows} direction={textOf(valueAt(draft, 'direction'))} {...common} />
  return <CodecLists restricted={rows} onChange={onChange} error={errorAt(errors, path)} disabled={disabled} />
}
