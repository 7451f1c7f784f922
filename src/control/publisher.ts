// Holds the directory in force and hands it to the signalling thread, in the order of the revisions.
import type { InputError } from '../base/fault.ts'
import { compileDirectory } from '../directory/compile.ts'
import type { Directory } from '../directory/directory.ts'
import { allNames, withNames } from '../directory/targets.ts'
import type { EdgeHandle } from '../edge/edge-client.ts'
import { checkPatterns } from '../policy/check-patterns.ts'
import type { Configuration } from './configuration.ts'
import type { DirectorySources, RowPaths } from './directory-source.ts'
import { invalid } from './input-errors.ts'
import type { Names } from './names.ts'

export type PublishingEdge = Pick<EdgeHandle, 'publish'> & Partial<Pick<EdgeHandle, 'listeners'>>

export interface Compiled {
  readonly directory: Directory
  readonly warnings: readonly InputError[]
}

/** A path of an object that was written alone starts with the field, not with a dot. */
const trimmed = (errors: readonly InputError[]): InputError[] =>
  errors.map(({ path, message }) => ({ path: path.replace(/^\./, ''), message }))

export class Publisher {
  readonly #sources: DirectorySources
  #directory: Directory
  #edge: PublishingEdge | undefined
  #names: Names | undefined

  /** Fault invalid when the stored configuration does not compile, which only a damaged database can cause. */
  constructor(sources: DirectorySources, configuration: Configuration) {
    this.#sources = sources
    this.#directory = this.compile(configuration, configuration.revision, new Map()).directory
  }

  get directory(): Directory {
    return this.#directory
  }

  /** Fault invalid with the paths of what does not fit together. */
  compile(configuration: Configuration, revision: number, paths: RowPaths): Compiled {
    const source = this.#sources.sourceOf(configuration, revision, paths, 'canonical')
    const { directory, errors, warnings } = compileDirectory(source)
    if (errors.length === 0 && checkPatterns(source).length === 0) return { directory, warnings: trimmed(warnings) }
    const told = this.#sources.sourceOf(configuration, revision, paths, 'input last')
    throw invalid(trimmed([...compileDirectory(told).errors, ...checkPatterns(told)]))
  }

  /** Puts the directory in force; resolves when the edge has acknowledged it, or at once while there is no edge. */
  async publish(directory: Directory): Promise<void> {
    if (this.#edge !== undefined) this.#names?.use(allNames(directory))
    this.#directory = withNames(directory, this.#names?.answers ?? new Map())
    await this.#edge?.publish(this.#directory)
  }

  /** From now on names of gateways are resolved; what is found takes effect with the next `publish`. */
  useNames(names: Names): void {
    this.#names = names
  }

  async attach(edge: PublishingEdge): Promise<void> {
    this.#edge = edge
    await this.publish(this.#directory)
  }
}
