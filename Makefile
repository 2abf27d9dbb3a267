# On Windows without make: see README, "Without make".
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := data/dong-nai-2025
export PYTHONUTF8 = 1

.PHONY: demo test wheel lint setup prove bench notebooks sample weights clean

demo: setup  ## the whole road on the sample campaign
	$(BIN)/campaignstats run $(SAMPLE)

setup: $(VENV)/installed

# the stamp is younger than pyproject.toml when the environment is as that file asks
$(VENV)/installed: pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'campaignstats needs Python 3.11 or newer; try: make PYTHON=python3.11 ...')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[dev]"
	touch $@

test: setup lint  ## everything that must hold before a change lands
	$(BIN)/campaignstats run $(SAMPLE) > /dev/null
	$(BIN)/python -m pytest -n 2 tests
	$(BIN)/python -m pytest -p no:randomly --nbval --nbval-sanitize-with tests/nbval.cfg notebooks

# the wheel alone in an empty environment elsewhere: what a user who never saw the checkout gets
wheel: setup
	rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . > /dev/null
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet build/wheel/*.whl
	cd build/wheel && venv/bin/campaignstats simulate sample --posts 100 --comments 300
	cd build/wheel && venv/bin/campaignstats init fresh && cp sample/inbox/*/facebook/*.csv fresh/inbox/
	cd build/wheel && venv/bin/campaignstats run fresh --notebooks > /dev/null
	cd build/wheel && venv/bin/campaignstats run sample --notebooks --lang en | tail -n 1

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

prove: setup  ## the full counts: kills, fuzz, scale; prints figures
	$(BIN)/python -m pytest -q -s -m slow tests
	$(BIN)/python benchmarks/gather.py
	$(BIN)/python benchmarks/load.py 300 500000

bench: setup
	$(BIN)/python benchmarks/gather.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/tagger.py

notebooks: setup  ## rerun the notebooks in place, outputs kept
	$(BIN)/campaignstats run $(SAMPLE) > /dev/null
	$(BIN)/python -c "from campaignstats.publish import refresh_notebooks; refresh_notebooks()"

sample: setup  ## make the sample campaign anew: the same bytes
	$(BIN)/campaignstats simulate $(SAMPLE) --seed 2025

weights: setup  ## train the tagger anew from its seed: the same bytes
	$(BIN)/python -m campaignstats.text.train

clean:
	rm -rf $(VENV) $(SAMPLE)/tables $(SAMPLE)/findings
