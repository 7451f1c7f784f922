// The styles of exactly those Mantine components that the console uses, in layers, so that the console's own rules win,
// and how Mantine is set up: it may not write style elements, because the content policy allows none.
import '@mantine/core/styles/baseline.layer.css'
import '@mantine/core/styles/default-css-variables.layer.css'
import '@mantine/core/styles/global.layer.css'
import '@mantine/core/styles/UnstyledButton.layer.css'
import '@mantine/core/styles/Loader.layer.css'
import '@mantine/core/styles/ActionIcon.layer.css'
import '@mantine/core/styles/Button.layer.css'
import '@mantine/core/styles/InlineInput.layer.css'
import '@mantine/core/styles/Input.layer.css'
import '@mantine/core/styles/PasswordInput.layer.css'
import '@mantine/core/styles/CheckboxIndicator.layer.css'
import '@mantine/core/styles/Checkbox.layer.css'
import './theme.css'
import { ActionIcon, Button, createTheme } from '@mantine/core'
import type { MantineColorsTuple, MantineProviderProps } from '@mantine/core'

/** Mantine wants ten tones; the console's come from theme.css, where both themes set them. */
const accent: MantineColorsTuple = [
  '#e0eef4',
  '#c3dfea',
  '#9ccadd',
  '#6fb2cd',
  '#4598b8',
  '#26809f',
  '#0f5e7a',
  '#0c5069',
  '#0a465c',
  '#07303f',
]

const theme = createTheme({
  colors: { accent },
  primaryColor: 'accent',
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm', variant: 'filled' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'default', size: 'lg' } }),
  },
})

export const mantineSetUp: Omit<MantineProviderProps, 'children'> = {
  theme,
  defaultColorScheme: 'auto',
  withCssVariables: false,
  withGlobalClasses: false,
}
