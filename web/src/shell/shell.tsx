// What stands around every page: bar on top, navigation at the side, quick jump, and the word that the connection is lost.
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useHotkeys } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Me } from '../../../src/contract/api-people.ts'
import { LiveContext, useLiveGateways } from '../gateways/live-gateways.ts'
import type { LiveGateways } from '../gateways/live-gateways.ts'
import { formatStamp } from '../kit/format.ts'
import { WarningIcon } from '../kit/icons.tsx'
import { ReasonProvider } from '../kit/reason.tsx'
import { Navigation } from './navigation.tsx'
import { QuickJump } from './quick-jump.tsx'
import './shell.css'
import { TopBar } from './top-bar.tsx'

export function Shell({ me }: { me: Me }): ReactNode {
  const live = useLiveGateways()
  const [jumping, setJumping] = useState(false)
  /** The page on which the menu was opened: on another page it is closed. */
  const [menuAt, setMenuAt] = useState<string>()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const menu = menuAt === path
  const openJump = (): void => setJumping(true)
  // Where a page has a search of its own, `/` leads there; that handler runs first and takes the focus.
  useHotkeys([['mod+K', openJump]], [])
  useHotkeys([
    [
      '/',
      () => {
        if (document.querySelector('main [aria-keyshortcuts="/"]') === null) openJump()
      },
    ],
  ])
  return (
    <LiveContext value={live}>
      <ReasonProvider>
        <a className="skip-link" href="#content">
          Skip to the content
        </a>
        <TopBar
          me={me}
          state={live.state}
          menu={menu}
          onMenu={() => setMenuAt(menu ? undefined : path)}
          onJump={openJump}
        />
        <LostBanner live={live} />
        <div className="shell">
          <Navigation me={me} path={path} open={menu} />
          <main id="content" className="shell-content" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        {jumping ? <QuickJump me={me} onClose={() => setJumping(false)} /> : null}
      </ReasonProvider>
    </LiveContext>
  )
}

function LostBanner({ live }: { live: LiveGateways }): ReactNode {
  return (
    <div role="alert">
      {live.state === 'lost' ? (
        <p className="notice lost-banner" data-tone="amber">
          <WarningIcon />
          <span>
            <strong>Connection lost, retrying.</strong>
            {live.gateways === undefined ? '' : ` This is how it was at ${formatStamp(live.receivedAt)}.`}
          </span>
        </p>
      ) : null}
    </div>
  )
}
