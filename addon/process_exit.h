#ifndef FLUORITE_PROCESS_EXIT_H_
#define FLUORITE_PROCESS_EXIT_H_

namespace fluorite {

// Python is never finalised, so its threads still run while exit() runs the destructors of the libraries they
// work in (OpenBLAS, ONNX Runtime). A thread therefore brackets its work, and the exit handler ends the
// process without those destructors while any work is going on.

// False once the process is exiting: the thread must then sleep for ever, without the GIL.
bool EnterWork();
void LeaveWork();

[[noreturn]] void SleepForever();

// Handlers run in reverse order of registration, and a library registers its own when it is loaded: register
// again at every sign of a coming exit, so that ours runs before theirs.
void RegisterExitHandler();

}  // namespace fluorite

#endif  // FLUORITE_PROCESS_EXIT_H_
