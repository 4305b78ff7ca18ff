/**
 * Sends one echo request (RFC 792, RFC 4443) to ADDRESS, and prints "echo", or "silence" after 3 s. Needs
 * net.ipv4.ping_group_range.
 */
import ipaddr from 'ipaddr.js';
import koffi from 'koffi';

const address = ipaddr.parse(process.argv[2]!);
const six = address.kind() === 'ipv6';
const libc = koffi.load(null);
const socket = libc.func('int socket(int family, int type, int protocol)');
const setsockopt = libc.func(
  'int setsockopt(int socket, int level, int option, const uint8_t *value, uint32_t length)',
);
const connect = libc.func('int connect(int socket, const uint8_t *address, uint32_t length)');
const send = libc.func('intptr_t send(int socket, const uint8_t *bytes, size_t length, int flags)');
const recv = libc.func('intptr_t recv(int socket, _Out_ uint8_t *bytes, size_t length, int flags)');

const [AF_INET, AF_INET6, SOCK_DGRAM, IPPROTO_ICMP, IPPROTO_ICMPV6] = [2, 10, 2, 1, 58];
const [SOL_SOCKET, SO_RCVTIMEO] = [1, 20];
const [request, reply] = six ? [128, 129] : [8, 0];

/** sockaddr_in: family, port, address; sockaddr_in6 has a flow label between the last two, and a scope after them. */
const to = Buffer.alloc(six ? 28 : 16);
to.writeUInt16LE(six ? AF_INET6 : AF_INET);
to.set(address.toByteArray(), six ? 8 : 4);
const timeout = Buffer.alloc(16);
timeout.writeBigInt64LE(3n);

// The kernel writes identifier and checksum, and gives the reply without its IP header.
const handle: number = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
const message = Buffer.of(request, 0, 0, 0, 0, 0, 0, 1);
const answer = Buffer.alloc(64);
const sent =
  handle >= 0 &&
  setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length) === 0 &&
  connect(handle, to, to.length) === 0 &&
  send(handle, message, message.length, 0) === message.length;
if (!sent) throw new Error(`no echo request could be sent to ${process.argv[2]}`);
const length: number = recv(handle, answer, answer.length, 0);
process.stdout.write(length === message.length && answer[0] === reply ? 'echo' : 'silence');
