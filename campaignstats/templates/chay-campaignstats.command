#!/bin/sh
# Double-click to run the campaign in this folder. / Bấm đúp để chạy chiến dịch trong thư mục này.
export PYTHONUTF8=1
cd "$(dirname "$0")" || exit 1
# the Python that made this folder has the program; if it is gone, any Python is tried
python=@PYTHON@
if [ ! -x "$python" ]; then
  if command -v python3 >/dev/null 2>&1; then python=python3; else python=python; fi
fi
"$python" -m campaignstats.cli run "$PWD"
printf '%s' "Enter… "
read -r _
