#ifndef FLUORITE_DOOR_H_
#define FLUORITE_DOOR_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "python_api.h"

namespace fluorite {

class Job;

// Where the jobs of all environments wait for the Python threads that serve them. The server that rested last
// is called first: it most likely still has its processor and its caches. A second is called only when the
// first has taken a job, which it does with the GIL, and has left others behind: servers that cannot yet run
// would only wait for the GIL and slow down the one that has it.
class Door {
 public:
  // Any thread; never waits for Python. True when a server that runs on another processor has it already.
  bool Submit(std::shared_ptr<Job> job);
  // On a thread of Python's, with the GIL.
  [[noreturn]] void Serve(const PythonReference& accept);

 private:
  using Clock = std::chrono::steady_clock;

  static constexpr int kNowhere = -1;

  struct Server {
    std::condition_variable woken;
    std::atomic<bool> called{false};
    // Where it watches for its call; reset with the mutex.
    std::atomic<int> processor{kNowhere};
  };

  // The next job; nothing, and the server rests, when there is none.
  std::shared_ptr<Job> TakeOrRest(Server& server);
  // Without the GIL.
  void AwaitCall(Server& server);
  static void Watch(Server& server, Clock::time_point rested);
  // With the mutex. The server to wake once that is released, or null.
  Server* CallServer();

  std::mutex mutex_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::vector<Server*> resting_;
  // A server has been called and has not looked at the jobs since.
  bool awaits_server_ = false;

  // One server, and only while calls follow each other closely, watches for its call before it sleeps.
  std::atomic<bool> watched_{false};
  std::atomic<bool> brisk_{false};
  // Of the last call. A server that watched there would keep JavaScript from running.
  std::atomic<int> caller_processor_{kNowhere};
};

}  // namespace fluorite

#endif  // FLUORITE_DOOR_H_
