// Holds the directory in force and hands it to the signalling thread, in the order of the revisions.
import { Fault } from '../base/fault.ts'
import { bound } from '../base/limits.ts'
import type { InputError, Warning } from '../base/fault.ts'
import { compileDirectory } from '../directory/compile.ts'
import type { Directory } from '../directory/directory.ts'
import { allNames, withNames } from '../directory/targets.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import { checkPatterns } from '../policy/check-patterns.ts'
import type { Configuration } from './configuration.ts'
import type { DirectorySources, RowPaths } from './directory-source.ts'
import { giveBackMemory } from './give-back.ts'
import { invalid } from './input-errors.ts'
import type { Names } from './names.ts'

export type PublishingEdge = Pick<EdgeHandle, 'publish'> & Partial<Pick<EdgeHandle, 'listeners' | 'suspend' | 'ask'>>

export interface Compiled {
  readonly directory: Directory
  readonly warnings: readonly Warning[]
  /** By the id of a row. */
  readonly rowWarnings: RowWarnings
}

/** A directory that is usable only when there are no errors. */
export interface Examined extends Compiled {
  readonly errors: readonly InputError[]
}

export type RowWarnings = ReadonlyMap<string, readonly Warning[]>

/** A path of an object that was written alone starts with the field, not with a dot. */
const trimmed = <Finding extends InputError>(findings: readonly Finding[]): Finding[] =>
  findings.map((finding) => ({ ...finding, path: finding.path.replace(/^\./, '') }))

export class Publisher {
  readonly #sources: DirectorySources
  /** Published last. */
  #directory: Directory
  #inForce: Directory
  #rowWarnings: RowWarnings
  #edge: PublishingEdge | undefined
  #names: Names | undefined

  /** Fault invalid when the stored configuration does not compile, which only a damaged database can cause. */
  constructor(sources: DirectorySources, configuration: Configuration) {
    this.#sources = sources
    const { directory, rowWarnings } = this.compile(configuration, configuration.revision, new Map())
    this.#directory = this.#inForce = directory
    this.#rowWarnings = rowWarnings
  }

  /** Of the configuration in force. */
  get rowWarnings(): RowWarnings {
    return this.#rowWarnings
  }

  get directory(): Directory {
    return this.#directory
  }

  /** What every signalling thread has taken, or had its time to take: nobody is shown what calls do not have yet. */
  get inForce(): Directory {
    return this.#inForce
  }

  /** Fault invalid with the paths of what does not fit together. */
  compile(configuration: Configuration, revision: number, paths: RowPaths): Compiled {
    const source = this.#sources.sourceOf(configuration, revision, paths, 'canonical')
    const { directory, errors, warnings, rowWarnings } = compileDirectory(source, { before: this.#directory })
    if (errors.length === 0 && checkPatterns(source).length === 0)
      return { directory, warnings: trimmed(warnings), rowWarnings }
    const told = this.#sources.sourceOf(configuration, revision, paths, 'input last')
    throw invalid(trimmed([...compileDirectory(told).errors, ...checkPatterns(told)]))
  }

  /** The same with everything that is wrong, at most `most` of a kind, for those who show it before it is written. */
  examine(configuration: Configuration, paths: RowPaths, most: number): Examined {
    const told = this.#sources.sourceOf(configuration, configuration.revision + 1, paths, 'input last')
    const { directory, errors, warnings, rowWarnings } = compileDirectory(told, { findingsMax: most })
    return {
      directory,
      errors: trimmed([...errors, ...checkPatterns(told)]),
      warnings: trimmed(warnings),
      rowWarnings,
    }
  }

  /** Puts the directory in force; resolves when the edge has acknowledged it, or at once while there is no edge. */
  async publish(directory: Directory, rowWarnings = this.#rowWarnings): Promise<void> {
    this.#rowWarnings = rowWarnings
    if (this.#edge !== undefined) this.#names?.use(allNames(directory))
    this.#directory = withNames(directory, this.#names?.answers ?? new Map(), this.#directory)
    try {
      await this.#edge?.publish(this.#directory)
    } finally {
      this.#inForce = this.#directory
    }
    giveBackMemory()
  }

  /** From now on names of gateways are resolved; what is found takes effect with the next `publish`. */
  useNames(names: Names): void {
    this.#names = names
  }

  async attach(edge: PublishingEdge): Promise<void> {
    this.#edge = edge
    await this.#publishFirst(bound('startAcknowledgements'))
  }

  /** The first directory may be large and the machine busy: a start waits for it longer than a change does. */
  #publishFirst(tries: number): Promise<void> {
    return this.publish(this.#directory).catch((error: unknown) => {
      if (tries <= 1 || !(error instanceof Fault) || error.code !== 'edge_unavailable') throw error
      return this.#publishFirst(tries - 1)
    })
  }
}
