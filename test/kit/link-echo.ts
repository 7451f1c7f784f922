// A further thread that sends back whatever its link brings (hand-over-ring.test.ts); ends when the link is closed.
import { workerData } from 'node:worker_threads'
import { forwardLog } from '../../src/base/log.ts'
import { ThreadLink } from '../../src/edge/thread-link.ts'
import type { LinkParts } from '../../src/edge/thread-link.ts'

const link = new ThreadLink(
  workerData as LinkParts,
  false,
  forwardLog(() => undefined),
  {
    onRecord: (record) => link.write(record),
  },
)
