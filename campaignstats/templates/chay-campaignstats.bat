@echo off
rem Double-click to run the campaign in this folder.
chcp 65001 >nul
set PYTHONUTF8=1
cd /d "%~dp0"
rem the Python that made this folder has the program; if it is gone, any Python is tried
set "own=@PYTHON@"
if not exist "%own%" goto without_own
"%own%" -m campaignstats.cli run "%~dp0."
goto end
:without_own
where py >nul 2>nul
if errorlevel 1 goto without_py
py -m campaignstats.cli run "%~dp0."
goto end
:without_py
python -m campaignstats.cli run "%~dp0."
:end
pause
