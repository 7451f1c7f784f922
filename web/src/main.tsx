// Starts the console in the page.
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { mantineSetUp } from './mantine.ts'
import { App } from './app.tsx'

const client = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: Infinity } },
})

const root = document.querySelector('#root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <MantineProvider {...mantineSetUp}>
    <QueryClientProvider client={client}>
      <App client={client} />
    </QueryClientProvider>
  </MantineProvider>,
)
