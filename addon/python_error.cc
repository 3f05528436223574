#include "python_error.h"

#include <string>

#include "python_api.h"

namespace fluorite {

namespace {

std::string TakeText(PythonReference unicode) {
  std::string text;
  if (unicode) {
    // Paths may hold surrogates, which plain UTF-8 cannot.
    PythonReference bytes(python.PyUnicode_AsEncodedString(unicode.get(), "utf-8", "backslashreplace"));
    char* data = nullptr;
    Py_ssize_t size = 0;
    if (bytes && python.PyBytes_AsStringAndSize(bytes.get(), &data, &size) == 0) text.assign(data, size);
  }
  python.PyErr_Clear();
  return text;
}

std::string CodeOf(PyObject* exception, const char* default_code) {
  PythonReference code(python.PyObject_GetAttrString(exception, "code"));
  const char* text = code ? python.PyUnicode_AsUTF8AndSize(code.get(), nullptr) : nullptr;
  python.PyErr_Clear();
  return text != nullptr ? text : default_code;
}

PythonReference FormatTraceback(PyObject* exception) {
  PythonReference module(python.PyImport_ImportModule("traceback"));
  if (!module) return {};
  PythonReference lines(python.PyObject_CallMethod(module.get(), "format_exception", "O", exception));
  PythonReference separator(python.PyUnicode_FromStringAndSize("", 0));
  if (!lines || !separator) return {};
  return PythonReference(python.PyUnicode_Join(separator.get(), lines.get()));
}

}  // namespace

Failure TakePythonError(const char* default_code) {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* trace = nullptr;
  python.PyErr_Fetch(&type, &value, &trace);
  python.PyErr_NormalizeException(&type, &value, &trace);
  PythonReference owned_type(type);
  PythonReference exception(value);
  PythonReference owned_trace(trace);
  if (!exception) return CreateFailure(default_code, "Python reported an error without an exception");
  if (trace != nullptr) python.PyException_SetTraceback(value, trace);

  std::string code = CodeOf(value, default_code);
  Failure failure = CreateFailure(code.c_str(), TakeText(PythonReference(python.PyObject_Str(value))));
  failure.properties.emplace_back("pythonType",
                                  TakeText(PythonReference(python.PyType_GetName(value->type))));
  failure.properties.emplace_back("traceback", TakeText(FormatTraceback(value)));
  return failure;
}

}  // namespace fluorite
