"""Makes files as people have them into files that a load reads: what ``import`` is given.

A load reads CSV in UTF-8, with the words of ``sources.words``, and Parquet. Everything else is made
into one of these before it is handed in, so that the owner of the store never meets it:

- ``unpacking``: standard input, gzip and zip archives become plain files
- ``encodings``: UTF-16 and Windows-1252 become UTF-8, line by line as they were
- ``sheets``: a sheet of a workbook becomes rows
- ``time_formats``: times such as ``31/12/2026 10:00`` become ISO 8601
- ``profiles``, ``profile_rows`` and ``session_cases``: rows of another program's export become
  rows of the contract, and cases are made where it has none

``given_files`` runs these steps. Rows that were converted travel as ``sources.prepared_rows``: that
keeps the line of each row in the file that the person has.
"""
