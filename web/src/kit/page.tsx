// One page inside the shell: its title, what one can do there, and the content.
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import './page.css'

interface PageProps {
  readonly title: string
  /** One sentence under the title. */
  readonly lead?: ReactNode
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode
  /** The way back, above the title. */
  readonly above?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, lead, actions, above, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Tollgate`
  }, [title])
  return (
    <div className="page">
      {above === undefined ? null : <p className="page-above">{above}</p>}
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {lead === undefined ? null : <p className="page-lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** Nothing here yet: what it would be, and the step that leads on. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string
  children: ReactNode
  action?: ReactNode
}): ReactNode {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action === undefined ? null : <div className="empty-action">{action}</div>}
    </div>
  )
}

/** Name and value, one below the other or side by side. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
