// What a program with hiredis does: commands, a pipeline, a transaction,
// subscriptions through the asynchronous interface, and coming back after the
// node was killed.
//
//   hiredis_client PORT PASSWORD      prints the pid of the service `web` at the end
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define CHECK(x)                                                               \
  do {                                                                         \
    if (!(x)) {                                                                \
      fprintf(stderr, "hiredis_client.c:%d: %s\n", __LINE__, #x);                      \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

#define MEGABYTE (1 << 20)

static int port;
static const char* password;
static char large[MEGABYTE];
static const char binary[] = {0, '\xff', '\r', '\n', '$', '1'};

static double now(void) {
  struct timespec x;
  clock_gettime(CLOCK_MONOTONIC, &x);
  return (double)x.tv_sec + (double)x.tv_nsec / 1e9;
}

// -- synchronous ---------------------------------------------------------------

static redisReply* must(redisReply* x, int type) {
  CHECK(x != NULL);
  if (x->type != type)
    fprintf(stderr, "type %d: %s\n", x->type, x->str ? x->str : "");
  CHECK(x->type == type);
  return x;
}

static void expect(redisContext* c, const char* text, redisReply* x) {
  CHECK(x != NULL && c->err == 0);
  if (x->str == NULL || strcmp(x->str, text) != 0)
    fprintf(stderr, "got %s\n", x->str ? x->str : "(null)");
  CHECK(x->str != NULL && strcmp(x->str, text) == 0);
  freeReplyObject(x);
}

static redisContext* open_connection(void) {
  struct timeval patience = {10, 0};
  redisContext* c = redisConnectWithTimeout("127.0.0.1", port, patience);
  CHECK(c != NULL && c->err == 0);
  CHECK(redisSetTimeout(c, patience) == REDIS_OK);
  expect(c, "OK", redisCommand(c, "AUTH %s", password));
  return c;
}

/// The item of that key in a flat array of keys and items.
static redisReply* item(redisReply* map, const char* key) {
  for (size_t i = 0; i + 1 < map->elements; i += 2)
    if (strcasecmp(map->element[i]->str, key) == 0)
      return map->element[i + 1];
  CHECK(!"there is such a key");
  return NULL;
}

static void commands(redisContext* c) {
  expect(c, "PONG", redisCommand(c, "PING"));
  expect(c, "OK", redisCommand(c, "CLIENT SETNAME me"));
  expect(c, "me", redisCommand(c, "CLIENT GETNAME"));
  expect(c, "hello Ann", redisCommand(c, "greet %s", "Ann"));
  redisReply* x
    = must(redisCommand(c, "ECHO %b", binary, sizeof(binary)),
           REDIS_REPLY_STRING);
  CHECK(x->len == sizeof(binary) && memcmp(x->str, binary, x->len) == 0);
  freeReplyObject(x);
  x = must(redisCommand(c, "svstop nosuch"), REDIS_REPLY_ERROR);
  CHECK(strncmp(x->str, "NOSERVICE ", 10) == 0);
  freeReplyObject(x);
}

static void pipeline(redisContext* c) {
  for (int i = 0; i < 10000; ++i)
    CHECK(redisAppendCommand(c, "ECHO %d", i) == REDIS_OK);
  for (int i = 0; i < 10000; ++i) {
    redisReply* x;
    char text[16];
    CHECK(redisGetReply(c, (void**)&x) == REDIS_OK);
    snprintf(text, sizeof(text), "%d", i);
    expect(c, text, x);
  }
}

static void transaction(redisContext* c) {
  expect(c, "OK", redisCommand(c, "MULTI"));
  expect(c, "QUEUED", redisCommand(c, "svstart off"));
  expect(c, "QUEUED", redisCommand(c, "svwait off running 5000"));
  expect(c, "QUEUED", redisCommand(c, "svstop off"));
  redisReply* x = must(redisCommand(c, "EXEC"), REDIS_REPLY_ARRAY);
  CHECK(x->elements == 3);
  CHECK(item(x->element[0]->element[0], "code")->integer == 0);
  CHECK(x->element[1]->integer == 1);
  CHECK(item(x->element[2]->element[0], "code")->integer == 0);
  freeReplyObject(x);
}

static long long pid_of_web(redisContext* c) {
  redisReply* x = must(redisCommand(c, "svstatus web"), REDIS_REPLY_ARRAY);
  CHECK(x->elements == 1);
  redisReply* row = x->element[0];
  CHECK(strcmp(item(row, "state")->str, "running") == 0);
  CHECK(item(row, "last_exit")->type == REDIS_REPLY_NIL);
  CHECK(item(row, "ready")->integer == 1);
  long long pid = item(row, "pid")->integer;
  freeReplyObject(x);
  return pid;
}

static long node_pid(redisContext* c) {
  redisReply* x = redisCommand(c, "INFO server");
  if (x == NULL)
    return 0;
  must(x, REDIS_REPLY_STRING);
  const char* at = strstr(x->str, "process_id:");
  CHECK(at != NULL);
  long pid = strtol(at + strlen("process_id:"), NULL, 10);
  freeReplyObject(x);
  return pid;
}

/// kill -9; a context notices it at its next command and is connected again.
static void kill_node(redisContext* c) {
  long before = node_pid(c);
  CHECK(before > 1);
  CHECK(kill((pid_t)before, SIGKILL) == 0);
  double end = now() + 10;
  for (;;) {
    CHECK(now() < end);
    long pid = node_pid(c);
    if (pid != 0 && pid != before)
      return;
    CHECK(redisReconnect(c) == REDIS_OK);
    freeReplyObject(redisCommand(c, "AUTH %s", password));
  }
}

// -- asynchronous: a loop of poll, as small as it can be -----------------------

struct loop {
  redisAsyncContext* context;
  short wanted;
  int confirmed;  ///< subscriptions since it connected
  int news;       ///< messages on `news`
  int patterns;   ///< the same by the pattern
  int large_ones; ///< messages of a megabyte
  int binaries;
};

static void add_read(void* x) {
  ((struct loop*)x)->wanted |= POLLIN;
}

static void del_read(void* x) {
  ((struct loop*)x)->wanted &= (short)~POLLIN;
}

static void add_write(void* x) {
  ((struct loop*)x)->wanted |= POLLOUT;
}

static void del_write(void* x) {
  ((struct loop*)x)->wanted &= (short)~POLLOUT;
}

static void clean_up(void* x) {
  ((struct loop*)x)->wanted = 0;
}

static void heard(redisAsyncContext* c, void* reply, void* unused) {
  struct loop* all = c->data;
  redisReply* x = reply;
  (void)unused;
  if (x == NULL)
    return; // the connection is gone
  CHECK(x->type == REDIS_REPLY_ARRAY);
  const char* what = x->element[0]->str;
  if (strcmp(what, "subscribe") == 0 || strcmp(what, "psubscribe") == 0) {
    ++all->confirmed;
  } else if (strcmp(what, "pmessage") == 0) {
    ++all->patterns;
  } else {
    redisReply* payload = x->element[2];
    CHECK(strcmp(what, "message") == 0);
    if (strcmp(x->element[1]->str, "news") == 0) {
      ++all->news;
    } else if (payload->len == MEGABYTE) {
      CHECK(memcmp(payload->str, large, MEGABYTE) == 0);
      ++all->large_ones;
    } else {
      CHECK(payload->len == sizeof(binary));
      CHECK(memcmp(payload->str, binary, sizeof(binary)) == 0);
      ++all->binaries;
    }
  }
}

static void disconnected(const redisAsyncContext* c, int status) {
  struct loop* all = c->data;
  (void)status;
  all->context = NULL; // hiredis frees it
}

static void subscribe(struct loop* all) {
  redisAsyncContext* c = redisAsyncConnect("127.0.0.1", port);
  CHECK(c != NULL && c->err == 0);
  all->context = c;
  all->wanted = 0;
  all->confirmed = 0;
  c->data = all;
  c->ev.data = all;
  c->ev.addRead = add_read;
  c->ev.delRead = del_read;
  c->ev.addWrite = add_write;
  c->ev.delWrite = del_write;
  c->ev.cleanup = clean_up;
  redisAsyncSetDisconnectCallback(c, disconnected);
  redisAsyncCommand(c, NULL, NULL, "AUTH %s", password);
  redisAsyncCommand(c, heard, NULL, "SUBSCRIBE news bytes");
  redisAsyncCommand(c, heard, NULL, "PSUBSCRIBE n?ws");
}

/// One look at the socket; connects again if that is needed.
static void turn(struct loop* all) {
  if (all->context == NULL)
    subscribe(all);
  struct pollfd socket = {all->context->c.fd, all->wanted, 0};
  if (poll(&socket, 1, 10) <= 0)
    return;
  if (socket.revents & (POLLIN | POLLHUP | POLLERR))
    redisAsyncHandleRead(all->context);
  if (all->context != NULL && (socket.revents & POLLOUT))
    redisAsyncHandleWrite(all->context);
}

static long long publish(redisContext* c, const char* channel,
                         const char* bytes, size_t length) {
  redisReply* x
    = must(redisCommand(c, "PUBLISH %s %b", channel, bytes, length),
           REDIS_REPLY_INTEGER);
  long long receivers = x->integer;
  freeReplyObject(x);
  return receivers;
}

#define UNTIL(all, condition)                                                  \
  for (double end = now() + 10; !(condition); turn(all))                       \
  CHECK(now() < end)

int main(int argc, char** argv) {
  CHECK(argc == 3);
  port = atoi(argv[1]);
  password = argv[2];
  for (int i = 0; i < MEGABYTE; ++i)
    large[i] = (char)(i * 7);

  redisContext* c = open_connection();
  commands(c);
  pipeline(c);
  transaction(c);

  struct loop all = {0};
  UNTIL(&all, all.confirmed == 3);
  CHECK(publish(c, "news", "x", 1) == 2);
  CHECK(publish(c, "bytes", binary, sizeof(binary)) == 1);
  CHECK(publish(c, "bytes", large, MEGABYTE) == 1);
  UNTIL(&all, all.large_ones == 1);
  CHECK(all.news == 1 && all.patterns == 1 && all.binaries == 1);

  for (int round = 0; round < 2; ++round) {
    kill_node(c);
    UNTIL(&all, all.context == NULL);
    UNTIL(&all, all.confirmed == 3 && all.context != NULL);
    int news = all.news, patterns = all.patterns;
    CHECK(publish(c, "news", "x", 1) == 2);
    UNTIL(&all, all.news > news && all.patterns > patterns);
    pipeline(c);
  }
  printf("%lld\n", pid_of_web(c));
  redisFree(c);
  redisAsyncFree(all.context);
  return 0;
}
