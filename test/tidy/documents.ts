// Documents: links that lead somewhere, rooms that introduce themselves; and what the packages say of themselves.
import { dirname, join, normalize } from 'node:path'

/** How a heading becomes an anchor, as code hosts do it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[`*_]/g, '')
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')

export const anchorsOf = (text: string): string[] =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6}\s+(.*)$/gm)].map((found) => anchorOf(found[1] ?? ''))

/** Links of one Markdown file that lead nowhere. `read` gives a file's text, `exists` also knows folders. */
export function linkFaults(
  file: string,
  text: string,
  files: { exists: (path: string) => boolean; read: (path: string) => string },
): string[] {
  const targets = [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|<img[^>]*\ssrc="([^"]+)"/g)]
  return targets.flatMap((found) => {
    const target = found[1] ?? found[2] ?? ''
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
    const [path = '', anchor] = target.split('#')
    const to = path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '')
    if (!files.exists(to)) return [`${file}: ${target} does not exist`]
    if (anchor === undefined || !to.endsWith('.md')) return []
    return anchorsOf(files.read(to)).includes(anchor) ? [] : [`${file}: ${target} has no such heading`]
  })
}

/** Metrics and environment variables that a document names and that do not exist. */
export function nameFaults(file: string, text: string, names: { exists: (name: string) => boolean }): string[] {
  const named = new Set(
    [...text.matchAll(/\b(?:tollgate_[a-z_]+[a-z]|TOLLGATE_[A-Z_]+[A-Z])\b/g)].map(([name]) => name),
  )
  return [...named].filter((name) => !names.exists(name)).map((name) => `${file}: ${name} does not exist`)
}

const sections = ['Purpose', 'Files', 'Rules', 'See also'] as const

/** What is wrong with a room's README; `undefined` = there is none. */
export function roomReadmeFaults(file: string, text: string | undefined): string[] {
  if (text === undefined) return [`${file} is missing`]
  const faults = sections
    .filter((name) => !new RegExp(`^(?:#+\\s*${name}|\\*\\*${name}[.:]?\\*\\*)`, 'm').test(text))
    .map((name) => `${file}: section "${name}" is missing`)
  const count = text.trimEnd().split('\n').length
  return count > 40 ? [...faults, `${file}: ${count} lines, at most 40`] : faults
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Dependencies without an exact version. */
export function versionFaults(file: string, text: string): string[] {
  const manifest = JSON.parse(text) as Manifest
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }
  return Object.entries(all)
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${file}: ${name} ${version} is not an exact version`)
}

/** Its script only looks for a library that another package brings; it is never run, and everything works without. */
const worksWithoutScript = new Set(['node_modules/koffi'])

/** Packages of the lockfile that need to run a script when they are installed. */
export function installScriptFaults(text: string): string[] {
  const lock = JSON.parse(text) as { packages: Readonly<Record<string, { hasInstallScript?: boolean }>> }
  return Object.entries(lock.packages)
    .filter(([path, entry]) => entry.hasInstallScript === true && !worksWithoutScript.has(path))
    .map(([path]) => `${path} has an install script`)
}
