#!/bin/sh
# Double-click to run the campaign in this folder. / Bấm đúp để chạy chiến dịch trong thư mục này.
export PYTHONUTF8=1
cd "$(dirname "$0")" || exit 1
if command -v python3 >/dev/null 2>&1; then python=python3; else python=python; fi
"$python" -m campaignstats.cli run "$PWD"
printf '%s' "Enter… "
read -r _
