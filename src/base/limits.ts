// Every bound of the program, in one table: docs/reference/limits.md is generated from it.

export interface Bound {
  readonly value: number
  readonly unit: 'bytes' | 'ms' | 'seconds' | 'count'
  readonly why: string
}

export const bounds = {
  messageBytesMax: {
    value: 65_535,
    unit: 'bytes',
    why: 'largest SIP message accepted; a UDP datagram cannot be larger',
  },
  headersMax: { value: 256, unit: 'count', why: 'header fields in one message; more is refused with 400' },
  viaMax: { value: 100, unit: 'count', why: 'Via values in one message; more is refused with 400' },
  connectionsMax: { value: 4_096, unit: 'count', why: 'open stream connections in all' },
  connectionsPerAddressMax: { value: 64, unit: 'count', why: 'open stream connections from one address' },
  connectionIdleMs: { value: 300_000, unit: 'ms', why: 'a stream connection without traffic is closed' },
  connectionHeaderMs: { value: 10_000, unit: 'ms', why: 'a started message must be complete within this time' },
  connectionSilentMs: {
    value: 30_000,
    unit: 'ms',
    why: 'an accepted connection must bring its first message or keep-alive within this time',
  },
  connectionWriteBytesMax: {
    value: 1_048_576,
    unit: 'bytes',
    why: 'unsent bytes after which a connection that does not read is closed',
  },
  connectMs: { value: 2_000, unit: 'ms', why: 'time to open a stream connection' },
  connectedSocketsMax: {
    value: 1_024,
    unit: 'count',
    why: 'connected UDP sockets kept for gateways, the least recently used goes first',
  },
  udpQueueBytesMax: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'datagrams of one UDP socket that the kernel has not taken yet; more are dropped',
  },
  udpBufferBytes: { value: 4_194_304, unit: 'bytes', why: 'kernel buffer asked for each UDP socket' },
  sessionExpiresSeconds: { value: 1_800, unit: 'seconds', why: 'session interval offered and accepted (RFC 4028)' },
  minSeSeconds: {
    value: 90,
    unit: 'seconds',
    why: 'shortest session interval accepted; shorter ones get 422 (RFC 4028)',
  },
  dialogPingSeconds: {
    value: 60,
    unit: 'seconds',
    why: 'between OPTIONS inside a dialog, where an entry asks for them',
  },
  dialogPingMisses: {
    value: 3,
    unit: 'count',
    why: 'OPTIONS without an answer, from a peer that answered one before, that end a call',
  },
  dnsTargetsMax: { value: 64, unit: 'count', why: 'addresses and servers taken from DNS for one name' },
  dnsLookupsMax: { value: 32, unit: 'count', why: 'names that are looked up in DNS at the same time; more wait' },
  dnsTtlMinSeconds: { value: 30, unit: 'seconds', why: 'a name is looked up again after no less than this' },
  dnsTtlMaxSeconds: { value: 300, unit: 'seconds', why: 'a name is looked up again after no more than this' },
  reapSeconds: { value: 30, unit: 'seconds', why: 'between two looks for channels that no call holds any more' },
  callsMax: { value: 200_000, unit: 'count', why: 'live calls on one signalling thread; more get 503' },
  transactionsMax: {
    value: 2_000_000,
    unit: 'count',
    why: 'transactions on one signalling thread; more are refused with 503',
  },
  attemptsPerCallMax: { value: 16, unit: 'count', why: 'gateways tried for one call' },
  routeSetMax: { value: 32, unit: 'count', why: 'Record-Route entries accepted for one dialog' },
  recordQueueMax: {
    value: 100_000,
    unit: 'count',
    why: 'call records waiting for the control thread; the oldest are dropped with an alarm',
  },
  healthHistoryMax: { value: 100, unit: 'count', why: 'health changes kept for each gateway' },
  probesOutstandingMax: {
    value: 64,
    unit: 'count',
    why: 'unanswered OPTIONS to one gateway; more wait for their turn',
  },
  retryAfterSecondsMax: {
    value: 300,
    unit: 'seconds',
    why: 'a gateway that asks for a pause by Retry-After is left alone for no longer',
  },
  strangerPacketsPerSecond: { value: 100, unit: 'count', why: 'packets of one unknown source; more are dropped' },
  strangerPacketsBurst: { value: 300, unit: 'count', why: 'packets of one unknown source at once' },
  strangersPacketsPerSecond: { value: 2_000, unit: 'count', why: 'packets of all unknown sources; more are dropped' },
  strangersMax: { value: 16_384, unit: 'count', why: 'unknown sources that are counted one by one' },
  knownSourcesMax: { value: 65_536, unit: 'count', why: 'configured addresses remembered since the last change' },
  trustedSourcesMax: { value: 65_536, unit: 'count', why: 'addresses that proved themselves or that we call' },
  trustedSourceMs: { value: 3_600_000, unit: 'ms', why: 'an address that proved itself is no stranger for this time' },
  automaticBlocksMax: { value: 4_096, unit: 'count', why: 'automatic blocks; the oldest is lifted for a new one' },
  automaticBlockMemoryMs: {
    value: 86_400_000,
    unit: 'ms',
    why: 'after a block ended, the next one of the same source within this time is longer',
  },
  callsWaitingMax: {
    value: 1_000,
    unit: 'count',
    why: 'calls that wait for calls per second (queueMs); more are refused at once',
  },
  callsWaitingPerAccountMax: { value: 500, unit: 'count', why: 'calls of one account that wait for calls per second' },
  backoffFailures: {
    value: 50,
    unit: 'count',
    why: 'consecutive failures of a gateway or account from which on it gets few calls',
  },
  failureRowsMax: {
    value: 100_000,
    unit: 'count',
    why: 'gateways, and accounts, whose consecutive failures are counted',
  },
  backoffEveryMs: { value: 5_000, unit: 'ms', why: 'in backoff one call goes there after this time in any case' },
  backoffCalls: { value: 20, unit: 'count', why: 'in backoff one call of this many goes there (5 %)' },
  rejectionSourcesMax: { value: 4_096, unit: 'count', why: 'unknown sources counted one by one; the rest in one row' },
  patternLengthMax: { value: 256, unit: 'count', why: 'characters in a rewrite pattern' },
  rewritesMax: { value: 32, unit: 'count', why: 'rewrite rows of one endpoint' },
  numberLengthMax: { value: 128, unit: 'count', why: 'characters of a number that is routed' },
  addressesPerEndpointMax: { value: 100_000, unit: 'count', why: 'addresses of one endpoint' },
  findingsMax: { value: 1_000, unit: 'count', why: 'errors, and warnings, reported for one configuration' },
  gatewaysPerTurnMax: {
    value: 64,
    unit: 'count',
    why: 'gateways of one account drawn for one call; more than can ever be tried',
  },
  configFileBytesMax: { value: 67_108_864, unit: 'bytes', why: 'declarative file' },
  requestBodyBytesMax: { value: 67_108_864, unit: 'bytes', why: 'HTTP request body that is a declarative file' },
  smallBodyBytesMax: { value: 1_048_576, unit: 'bytes', why: 'any other HTTP request body' },
  yamlCharactersMax: {
    value: 16_777_216,
    unit: 'count',
    why: 'characters of a declarative file in YAML, which is slow to read; longer files are sent as JSON',
  },
  jsonDepthMax: { value: 64, unit: 'count', why: 'levels of nesting in an HTTP request body' },
  pageItemsMax: { value: 1_000, unit: 'count', why: 'items on one page of a list' },
  revisionsMax: { value: 200, unit: 'count', why: 'configuration revisions kept' },
  auditEntriesMax: { value: 1_000_000, unit: 'count', why: 'audit entries kept' },
  sseClientsMax: { value: 64, unit: 'count', why: 'open event streams' },
  bindingSecondsMin: { value: 60, unit: 'seconds', why: 'a SIP user that asks for less hears 423' },
  bindingSecondsDefault: { value: 3_600, unit: 'seconds', why: 'a registration that asks for no time' },
  bindingSecondsMax: { value: 7_200, unit: 'seconds', why: 'a registration that asks for more gets this' },
  contactsPerUserMax: { value: 5, unit: 'count', why: 'contacts registered by one SIP user' },
  pingMs: { value: 60_000, unit: 'ms', why: 'between two signs of life asked of a registered contact' },
  pingMissesMax: { value: 3, unit: 'count', why: 'unanswered in a row that end a contact (ping: timeout)' },
  digestNonceMs: { value: 30_000, unit: 'ms', why: 'life of a digest nonce; a right answer to an older one is stale' },
  digestNoncesMax: {
    value: 500_000,
    unit: 'count',
    why: 'answered nonces remembered for each life of a nonce, so that none succeeds twice; more are answered as stale',
  },
  digestWrongMax: { value: 3, unit: 'count', why: 'wrong digest answers of one source that lock it out for a while' },
  digestWrongMs: { value: 30_000, unit: 'ms', why: 'the time in which wrong digest answers of one source add up' },
  digestLockMs: { value: 60_000, unit: 'ms', why: 'a source with too many wrong digest answers hears 403 for so long' },
  digestSourcesMax: {
    value: 16_384,
    unit: 'count',
    why: 'sources whose wrong digest answers are remembered; the oldest goes first',
  },
  mediaAnswerMs: { value: 1_000, unit: 'ms', why: 'the media relay must answer within this time' },
  mediaRetryMs: { value: 250, unit: 'ms', why: 'a question to the media relay is sent again after this time' },
  mediaPauseMs: {
    value: 2_000,
    unit: 'ms',
    why: 'a media relay that did not answer is not asked for new calls for this long',
  },
  mediaQuestionsMax: {
    value: 10_000,
    unit: 'count',
    why: 'questions waiting for the media relay; new calls that need it get 503',
  },
  acknowledgeMs: { value: 1_000, unit: 'ms', why: 'a write waits this long for every edge to take the new directory' },
  registrationSecondsMax: {
    value: 86_400,
    unit: 'seconds',
    why: 'longest registration that is asked for when a registrar wants more than configured',
  },
  registerRetryMsMax: { value: 600_000, unit: 'ms', why: 'longest pause before a failed registration is tried again' },
  noncesPerLoginMax: {
    value: 256,
    unit: 'count',
    why: 'nonces of one gateway whose use is counted, the least recently seen goes first',
  },
  nonceUsesMax: { value: 10_000, unit: 'count', why: 'requests that carry one nonce of a gateway' },
  traceRingBytes: {
    value: 67_108_864,
    unit: 'bytes',
    why: 'copies of the last messages of calls, taken at start; the oldest are overwritten',
  },
  traceStrayBytes: { value: 4_194_304, unit: 'bytes', why: 'the same for what was refused before it became a call' },
  traceStraysPerSourceMax: {
    value: 20,
    unit: 'count',
    why: 'refused messages of one source kept for traces in 10 s; the rest is only counted',
  },
  traceFailedPerSecondMax: {
    value: 50,
    unit: 'count',
    why: 'failed calls in one second whose traces go to the database; more stay in memory only',
  },
  tracesStoredMax: { value: 10_000, unit: 'count', why: 'traces of failed calls kept in the database' },
  traceMessagesMax: { value: 1_000, unit: 'count', why: 'messages of one Call-ID in a trace; of more, the newest' },
  traceQueueMax: { value: 1_000, unit: 'count', why: 'traces waiting for the database; the oldest are dropped' },
  hepBatchMax: { value: 5_000, unit: 'count', why: 'messages handed to the HEP sender at once, every 100 ms' },
  hepEndedMax: {
    value: 100_000,
    unit: 'count',
    why: 'Call-IDs of ended calls remembered for late messages to a HEP collector; then the older half is forgotten',
  },
  hepQueueMax: { value: 10_000, unit: 'count', why: 'HEP packets that the kernel has not taken yet; more are dropped' },
  cpsGuardMs: {
    value: 20,
    unit: 'ms',
    why: 'added to the 1,000 ms window toward gateways, so that jitter on the way cannot push N + 1 INVITEs into one second there',
  },
} as const satisfies Record<string, Bound>

export type BoundName = keyof typeof bounds

/** The value of a bound. */
export const bound = (name: BoundName): number => bounds[name].value
