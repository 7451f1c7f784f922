// The directory before set-up: it knows nobody and refuses everything.
import { systemInput } from '../contract/declarative.ts'
import { compileDirectory } from './compile.ts'
import type { Directory } from './directory.ts'

/** Revision 0: no account, no route, no block. */
export const emptyDirectory = (): Directory =>
  compileDirectory({
    revision: 0,
    nonceKey: '',
    system: systemInput.parse({}),
    accounts: [],
    endpoints: [],
    sipUsers: [],
    routes: [],
    blocks: [],
  }).directory
