// Tables of plain rows, whose columns are rows of a table themselves.

import type { ComponentChildren } from "preact";

export interface Column<R> {
  title: string;
  /** Numbers stand at the right. */
  number?: boolean;
  cell(row: R): ComponentChildren;
  /** Further explanation of the title. */
  hint?: string;
}

interface Props<R> {
  caption: string;
  columns: readonly Column<NoInfer<R>>[];
  rows: readonly R[];
  rowKey(row: NoInfer<R>, index: number): string;
  /** The row that the keys have chosen. */
  selected?: string | undefined;
}

export function Table<R>({ caption, columns, rows, rowKey, selected }: Props<R>) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, number, hint }) => (
              <th key={title} scope="col" class={number === true ? "number" : undefined} title={hint}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const key = rowKey(row, index);
            return (
              <tr key={key} class={key === selected ? "selected" : undefined} data-row={key === selected ? "" : undefined}>
                {columns.map(({ title, number, cell }, index) =>
                  index === 0 ? (
                    <th key={title} scope="row">
                      {cell(row)}
                    </th>
                  ) : (
                    <td key={title} class={number === true ? "number" : undefined}>
                      {cell(row)}
                    </td>
                  ),
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
