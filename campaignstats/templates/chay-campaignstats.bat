@echo off
rem Double-click to run the campaign in this folder.
chcp 65001 >nul
set PYTHONUTF8=1
cd /d "%~dp0"
where py >nul 2>nul
if errorlevel 1 goto without_py
py -m campaignstats.cli run "%~dp0."
goto end
:without_py
python -m campaignstats.cli run "%~dp0."
:end
pause
