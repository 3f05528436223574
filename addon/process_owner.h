#ifndef FLUORITE_PROCESS_OWNER_H_
#define FLUORITE_PROCESS_OWNER_H_

#include <optional>

#include "failure.h"

namespace fluorite {

// Keeps this library loaded to the end of the process: a worker's exit would otherwise unload it under the
// Python thread.
void PinLibrary();

// A process can load several copies of this addon (two installed packages), each with variables of its own,
// but Python can start only once. The first copy to claim the process runs Python; the others are refused.
std::optional<Failure> ClaimProcess();
void ReleaseProcess();

}  // namespace fluorite

#endif  // FLUORITE_PROCESS_OWNER_H_
