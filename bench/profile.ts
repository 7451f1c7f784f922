// Reads a profile of V8 (`--cpu-prof`): where the time was spent, function by function, alone and with what it called.
interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface Cost {
  readonly place: string
  own: number
  all: number
}

const placeOf = ({ callFrame }: ProfileNode): string => {
  const file = callFrame.url.replace(/^.*\/(src|node_modules)\//, '$1/')
  return `${callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName} ${file}:${callFrame.lineNumber + 1}`
}

function costsOf({ nodes, samples, timeDeltas }: Profile, from: number): Cost[] {
  const own = new Map<number, number>()
  let elapsed = 0
  for (const [i, id] of samples.entries()) {
    elapsed += timeDeltas[i] ?? 0
    if (elapsed >= from * 1e6) own.set(id, (own.get(id) ?? 0) + (timeDeltas[i] ?? 0))
  }
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const costs = new Map<string, Cost>()
  // Depth first; a function that calls itself is counted once.
  const visit = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const place = placeOf(node)
    const cost = costs.get(place) ?? { place, own: 0, all: 0 }
    costs.set(place, cost)
    const alone = own.get(node.id) ?? 0
    const inside = new Set(above).add(place)
    let all = alone
    for (const child of node.children ?? []) all += visit(byId.get(child) as ProfileNode, inside)
    cost.own += alone
    if (!above.has(place)) cost.all += all
    return all
  }
  visit(nodes[0] as ProfileNode, new Set())
  return [...costs.values()]
}

/** The `count` dearest functions from second `from` on, in % of the time that was not idle. */
export function profileLines(text: string, from: number, count: number): string[] {
  const costs = costsOf(JSON.parse(text) as Profile, from)
  const isIdle = (cost: Cost): boolean => cost.place.startsWith('(idle)') || cost.place.startsWith('poll ')
  const busy = costs.reduce((sum, cost) => sum + (isIdle(cost) ? 0 : cost.own), 0)
  const lines = (key: 'own' | 'all'): string[] =>
    costs
      .filter((cost) => !isIdle(cost))
      .toSorted((a, b) => b[key] - a[key])
      .slice(0, count)
      .map((cost) => `${((cost[key] / busy) * 100).toFixed(1).padStart(5)} %  ${cost.place}`)
  return ['alone', ...lines('own'), 'with what they call', ...lines('all')]
}
