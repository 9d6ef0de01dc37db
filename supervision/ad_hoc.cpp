#include "supervision/ad_hoc.hpp"

#include "base/text.hpp"
#include "process/spec.hpp"

namespace saker::supervision {

result<std::shared_ptr<const service>>
ad_hoc_service(const std::string& name, std::vector<std::string> argv,
               const std::string& by) {
  if (auto ok = check_name(name); !ok)
    return ok.error();
  if (argv.empty() || argv.front().empty())
    return fail(errc::invalid_argument, "a program is missing behind the name");
  for (auto& x : argv)
    if (x.find('\0') != std::string::npos)
      return fail(errc::invalid_argument, "a word of the command contains a "
                                          "zero byte: \""
                                            + printable(x, 60) + '"');
  if (auto fits = process::check_size(argv, {}); !fits)
    return fail(errc::invalid_argument, fits.error().detail);
  auto x = std::make_shared<service>();
  x->name = name;
  x->exec = std::move(argv);
  x->exit.set("0", {decision::action::done, {}});
  x->exit.set("*", {decision::action::fatal, {}});
  x->where.file = "SVRUN by " + by;
  return std::shared_ptr<const service>{std::move(x)};
}

setting to_setting(const service& x, const std::string& by, std::int64_t at) {
  setting result{setting::topic::command, x.name, 0, 0, by, at};
  for (auto& word : x.exec)
    result.text += word + '\0';
  return result;
}

result<std::shared_ptr<const service>> from_setting(const setting& x) {
  std::vector<std::string> argv;
  for (auto word : split(x.text, '\0'))
    argv.emplace_back(word);
  if (!argv.empty())
    argv.pop_back(); // behind the last zero byte
  return ad_hoc_service(x.name, std::move(argv), x.by);
}

} // namespace saker::supervision
