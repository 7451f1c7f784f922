// How the servers of a ring carry their calls: `TOLLGATE_TEST_THREADS=2 TOLLGATE_TEST_UDP=dgram node --test FILE` tells the same
// stories with two signalling threads and the sockets of Node. A test that is about one of the two says itself what it needs.

/** What the environment of such a server begins with. */
export const ringMode: Readonly<Record<string, string>> = {
  TOLLGATE_SIGNALLING_THREADS: process.env['TOLLGATE_TEST_THREADS'] ?? '1',
  TOLLGATE_UDP: process.env['TOLLGATE_TEST_UDP'] ?? 'auto',
}
