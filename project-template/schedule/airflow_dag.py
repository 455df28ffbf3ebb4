"""For Airflow: copy this into the folder of DAGs.

It computes all experiments every morning, after dbt has built what they read, and writes the report. The data interval's end is
the as-of, so that a backfill computes each day as it was. `assay run` exits with 1 where data are stale, and is tried again.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

PROJECT = "/srv/my_project"
DBT_PROJECT = "/srv/dbt_project"

with DAG(
    dag_id="my_project",
    schedule="30 5 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"cwd": PROJECT, "append_env": True, "env": {"ASSAY_TARGET": "prod"}},
):
    build = BashOperator(task_id="dbt_build", bash_command="dbt build --quiet", cwd=DBT_PROJECT)

    run = BashOperator(
        task_id="assay_run",
        bash_command="assay run --require-fresh --as-of {{ data_interval_end | ds }}",
        retries=3,
        retry_delay=timedelta(minutes=30),
    )

    # The report is made of what runs have written, so it is made whether or not this one did.
    report = BashOperator(
        task_id="assay_report",
        bash_command="assay report && assay report --summary",
        trigger_rule="all_done",
    )

    build >> run >> report
