// Changes between dark and light; the browser remembers it.
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import type { ReactNode } from 'react'
import { MoonIcon, SunIcon } from '../kit/icons.tsx'

export function ColourSchemeToggle(): ReactNode {
  // To hold transitions back, Mantine would write a style element, which the content policy refuses.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const present = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const next = present === 'dark' ? 'light' : 'dark'
  const name = `Change to ${next} colours`
  return (
    <ActionIcon onClick={() => setColorScheme(next)} aria-label={name} title={name} variant="subtle" color="gray">
      {present === 'dark' ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  )
}
