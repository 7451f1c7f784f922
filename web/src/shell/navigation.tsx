// The pages, at the side; on a narrow screen behind the menu button.
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { useLive } from '../gateways/live-gateways.ts'
import { plural } from '../kit/format.ts'
import { pageGroupsOf } from './pages.ts'

const isHere = (path: string, page: string): boolean =>
  page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`)

export function Navigation({ me, path, open }: { me: Me; path: string; open: boolean }): ReactNode {
  return (
    <nav id="navigation" aria-label="Pages" className="navigation" data-open={open}>
      {pageGroupsOf(me).map((group) => (
        <section key={group.title}>
          <h2>{group.title}</h2>
          <ul>
            {group.pages.map((page) => (
              <li key={page.path}>
                <Link to={page.path} aria-current={isHere(path, page.path) ? 'page' : undefined}>
                  {page.title}
                  {page.path === '/' ? <RedCount /> : null}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

function RedCount(): ReactNode {
  const red = useLive().gateways?.filter(({ status }) => status === 'red').length ?? 0
  if (red === 0) return null
  return (
    <span className="navigation-red" title={`${plural(red, 'gateway')} red`}>
      <span className="only-heard">, </span>
      {red}
      <span className="only-heard"> red</span>
    </span>
  )
}
