/* Refuses internet sockets and notes each attempt in the file $REFUSED_SOCKETS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol) {
  if (domain == AF_INET || domain == AF_INET6) {
    const char* path = getenv("REFUSED_SOCKETS");
    FILE* log = path ? fopen(path, "a") : NULL;
    if (log) {
      fprintf(log, "refused a socket of domain %d\n", domain);
      fclose(log);
    }
    errno = EACCES;
    return -1;
  }
  int (*original)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
  return original(domain, type, protocol);
}
