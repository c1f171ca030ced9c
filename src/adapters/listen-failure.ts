/** Says why a server cannot listen, as a code and a sentence with how to mend it. */
export function listenFailure(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
): [code: string, detail: string] {
  switch (error.code) {
    case 'EADDRINUSE':
      return ['PORT_IN_USE', `port ${port} on ${host} is in use by another process; end it, or configure another port`];
    case 'EACCES':
      return ['PORT_FORBIDDEN', `this user may not listen on port ${port} of ${host}; configure a port above 1023`];
    case 'EADDRNOTAVAIL':
      return ['ADDRESS_NOT_LOCAL', `${host} is no address of this machine; correct the host`];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['HOST_UNKNOWN', `the host name ${host} has no address; correct the host`];
    default:
      return ['LISTEN_FAILED', `cannot listen on port ${port} of ${host}: ${error.message}`];
  }
}
