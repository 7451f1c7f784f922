// The few pictures of the console. Each is decoration: the words beside it, or the name of its button, say the same.
import type { ReactNode } from 'react'

function Icon({ children, filled = false }: { children: ReactNode; filled?: boolean }): ReactNode {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      aria-hidden="true"
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  )
}

/** Round with a tick: told from the other by its shape, not only by its colour. */
export const GreenIcon = (): ReactNode => (
  <Icon filled>
    <path
      fillRule="evenodd"
      d="M10 1.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm4.4 6.6-5 5.3a1 1 0 0 1-1.44.02L5.6 11.06A1 1 0 1 1 7 9.64l1.63 1.62 4.3-4.54a1 1 0 0 1 1.46 1.38Z"
    />
  </Icon>
)

/** Eight corners with a cross. */
export const RedIcon = (): ReactNode => (
  <Icon filled>
    <path
      fillRule="evenodd"
      d="M6.5 1.5h7l5 5v7l-5 5h-7l-5-5v-7l5-5Zm.9 4.46a1 1 0 0 0-1.42 1.42L8.6 10l-2.62 2.62a1 1 0 1 0 1.42 1.42L10 11.4l2.62 2.63a1 1 0 0 0 1.42-1.42L11.4 10l2.63-2.62a1 1 0 0 0-1.42-1.42L10 8.6 7.4 5.96Z"
    />
  </Icon>
)

export const WarningIcon = (): ReactNode => (
  <Icon>
    <path d="M10 3 1.8 17h16.4L10 3Z" />
    <path d="M10 8.2v4" />
    <path d="M10 14.7v.1" />
  </Icon>
)

export const InfoIcon = (): ReactNode => (
  <Icon>
    <circle cx="10" cy="10" r="7.6" />
    <path d="M10 9.2v4.6M10 6.3v.1" />
  </Icon>
)

export const MenuIcon = (): ReactNode => (
  <Icon>
    <path d="M3 5.5h14M3 10h14M3 14.5h14" />
  </Icon>
)

export const PersonIcon = (): ReactNode => (
  <Icon>
    <circle cx="10" cy="6.8" r="3.3" />
    <path d="M3.5 17c.6-3.4 3-5.2 6.5-5.2s5.900 1.800 6.500 5.200" />
  </Icon>
)

export const SearchIcon = (): ReactNode => (
  <Icon>
    <circle cx="8.7" cy="8.7" r="5.4" />
    <path d="m12.9 12.9 4.3 4.3" />
  </Icon>
)

export const SunIcon = (): ReactNode => (
  <Icon>
    <circle cx="10" cy="10" r="3.4" />
    <path d="M10 1.8v1.7M10 16.5v1.7M1.8 10h1.7M16.5 10h1.7M4.2 4.2l1.2 1.2M14.6 14.6l1.2 1.2M4.2 15.8l1.2-1.2M14.6 5.4l1.2-1.2" />
  </Icon>
)

export const MoonIcon = (): ReactNode => (
  <Icon>
    <path d="M17 11.7A7.3 7.3 0 0 1 8.3 3a7.3 7.3 0 1 0 8.7 8.7Z" />
  </Icon>
)

export const LogOutIcon = (): ReactNode => (
  <Icon>
    <path d="M8 3H4.5A1.5 1.5 0 0 0 3 4.5v11A1.5 1.5 0 0 0 4.5 17H8M12.5 13.5 16 10l-3.5-3.5M16 10H7.5" />
  </Icon>
)

export const ProbeIcon = (): ReactNode => (
  <Icon>
    <path d="M1.8 10h3.4l2-5.4 4.2 11 2.2-5.6h4.6" />
  </Icon>
)

export const CopyIcon = (): ReactNode => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="1.6" />
    <path d="M13 7V4.6A1.6 1.6 0 0 0 11.4 3H4.6A1.6 1.6 0 0 0 3 4.6v6.8A1.6 1.6 0 0 0 4.6 13H7" />
  </Icon>
)

export const ClearIcon = (): ReactNode => (
  <Icon>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
)

export const SortIcon = ({ descending }: { descending: boolean }): ReactNode => (
  <Icon>
    <path d={descending ? 'm6 8 4 4 4-4' : 'm6 12 4-4 4 4'} />
  </Icon>
)

/** A gate that is open, and its light. */
export const Mark = (): ReactNode => (
  <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" className="mark-ground" />
    <path d="M8 25V11M8 14.2 25.5 8.4" className="mark-gate" />
    <circle cx="23.5" cy="21.5" r="3.4" className="mark-light" />
  </svg>
)
