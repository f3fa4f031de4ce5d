using Microsoft.VisualBasic.FileIO;

namespace MsVit.MLNet;

/// <summary>A text table of samples, as a spreadsheet or a script writes it: one header line, then one sample per row.</summary>
/// <remarks>
/// Columns are separated by commas, semicolons, tabs or bars; the header decides. Fields may be quoted. Columns may have any order and the
/// usual names. The file may begin with a byte order mark. Other columns are ignored.
/// </remarks>
internal sealed class SampleList
{
    private const int Shown = 100;

    private static readonly string[] PathNames =
        ["path", "file", "filename", "filepath", "image", "imagepath", "imagefile", "img", "imgpath", "recording", "recordingpath"];

    private static readonly string[] LabelNames = ["label", "class", "category", "classname", "labelname", "target", "labels"];
    private static readonly string[] StartNames = ["start", "starttime", "begin", "startus"];
    private static readonly string[] EndNames = ["end", "endtime", "stop", "endus"];

    private SampleList(IReadOnlyList<SampleRow> rows, IReadOnlyList<string> ignored) => (Rows, IgnoredColumns) = (rows, ignored);

    public IReadOnlyList<SampleRow> Rows { get; }

    /// <summary>The names of the columns that are not used.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; }

    /// <summary>Reads a list.</summary>
    /// <param name="list">The file.</param>
    /// <param name="error">Makes an exception from a line and what is wrong with it.</param>
    /// <param name="hasSlices">Whether columns of start and end are understood.</param>
    public static SampleList Read(string list, Func<int, string, Exception> error, bool hasSlices)
    {
        var text = File.ReadAllText(list);
        var lines = new LineNumbers(text);
        using var parser = new TextFieldParser(new StringReader(text)) { TrimWhiteSpace = true };
        parser.SetDelimiters(Separator(text));
        var header = Next() ?? throw error(1, $"it is empty; expected a header '{Header(hasSlices)}' and one row per sample.");
        var names = header.Fields.Select(Plain).ToArray();
        var (path, label) = (Find(names, PathNames), Find(names, LabelNames));
        var (start, end) = hasSlices ? (Find(names, StartNames), Find(names, EndNames)) : (-1, -1);
        if (path < 0 || label < 0)
        {
            var found = string.Join(',', header.Fields);
            throw error(header.Line, $"the columns are '{found[..Math.Min(Shown, found.Length)]}'; expected '{Header(hasSlices)}'.");
        }
        var rows = new List<SampleRow>();
        while (Next() is { } row)
        {
            if (row.Fields.Length != header.Fields.Length)
            {
                throw error(row.Line, $"the row has {row.Fields.Length} columns; the header has {header.Fields.Length}.");
            }
            if (row.Fields[path].Length == 0 || row.Fields[label].Length == 0)
            {
                throw error(row.Line, "the path or the label is empty.");
            }
            rows.Add(new(row.Line, row.Fields[path], row.Fields[label], At(start), At(end)));

            string At(int column) => column < 0 ? "" : row.Fields[column];
        }
        int[] used = [path, label, start, end];
        return rows.Count > 0
            ? new(rows, [.. header.Fields.Where((_, index) => !used.Contains(index))])
            : throw error(1, $"no {(hasSlices ? "recording" : "image")} is listed; expected '{Header(hasSlices)}' and one row per sample.");

        (int Line, string[] Fields)? Next()
        {
            try
            {
                return parser.ReadFields() is { } fields ? (lines.Before(parser.LineNumber), fields) : null;
            }
            catch (MalformedLineException e)
            {
                throw error((int)parser.ErrorLineNumber, $"the quotes do not match: {e.Message}");
            }
        }
    }

    /// <summary>Names the missing ones among some files.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public static void CheckExist(string list, IReadOnlyCollection<string> paths)
    {
        const int Named = 5;
        var missing = paths.Distinct().Where(path => !File.Exists(path)).ToArray();
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"{list} lists {Counted.Of(paths.Count, "file")}, of which {Counted.Of(missing.Length, "is", "are")} missing: "
                + string.Join(", ", missing.Take(Named))
                + $"{(missing.Length > Named ? $" and {missing.Length - Named} more" : "")}. Paths are relative to the list.");
        }
    }

    /// <summary>Whether a file begins like a list of samples: with a header that has a path and a label.</summary>
    public static bool Is(string file)
    {
        using var reader = new StreamReader(file);
        var line = reader.ReadLine() ?? "";
        var names = line.Split(Separator(line)[0]).Select(Plain).ToArray();
        return Find(names, PathNames) >= 0 && Find(names, LabelNames) >= 0;
    }

    /// <summary>The path of a row, which is relative to the list. Lists from Windows have backslashes.</summary>
    public static string FullPath(string path, string folder)
    {
        var full = Path.GetFullPath(path, folder);
        return Path.DirectorySeparatorChar == '/' && path.Contains('\\', StringComparison.Ordinal) && !File.Exists(full)
            ? Path.GetFullPath(path.Replace('\\', '/'), folder)
            : full;
    }

    private static string Header(bool hasSlices) => hasSlices ? "path,label' or 'path,label,start,end" : "path,label";

    // The sign that the first line has most of.
    private static string Separator(string text)
    {
        var line = text.AsSpan().TrimStart().IndexOfAny('\r', '\n') is >= 0 and var end ? text.AsSpan().TrimStart()[..end] : text.AsSpan();
        var (separator, most) = (',', line.Count(','));
        foreach (var other in (ReadOnlySpan<char>)[';', '\t', '|'])
        {
            if (line.Count(other) is var count && count > most)
            {
                (separator, most) = (other, count);
            }
        }
        return separator.ToString();
    }

    // The first of the names that any column has: 'path' rather than 'image'.
    private static int Find(string[] columns, string[] names) =>
        names.Select(name => Array.IndexOf(columns, name)).FirstOrDefault(index => index >= 0, -1);

    private static string Plain(string name) =>
        string.Concat(name.Trim('\uFEFF', '"', ' ').Where(char.IsLetterOrDigit)).ToLowerInvariant();

    // The parser knows the line that it reads next; at the end of the file it knows none.
    private sealed class LineNumbers(string text)
    {
        private readonly string _text = text;

        public int Before(long next)
        {
            var lines = _text.AsSpan().TrimEnd();
            return next > 0 ? (int)next - 1 : lines.Count('\n') + (lines.Contains('\n') ? 1 : lines.Count('\r') + 1);
        }
    }
}

/// <summary>A row of a list of samples.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Path">The file as the list writes it.</param>
/// <param name="Label">The class.</param>
/// <param name="Start">The start of a slice; empty for none.</param>
/// <param name="End">The end of a slice; empty for none.</param>
internal sealed record SampleRow(int Line, string Path, string Label, string Start, string End);
