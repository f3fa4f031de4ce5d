namespace MsVit.Trainer.Runs;

/// <summary>The formats that a model can be exported to.</summary>
internal enum ExportFormat
{
    /// <summary>ONNX, for any ONNX runtime and for ApplyOnnxModel.</summary>
    Onnx,

    /// <summary>The weights, for Python and for msvit import.</summary>
    Safetensors,

    /// <summary>The weights without the head, in bfloat16, for --start-from.</summary>
    Starter,

    /// <summary>A model card in Markdown: what the model is, and how it was trained.</summary>
    Card,
}

/// <summary>Tells the format of an export from the ending of its file.</summary>
internal static class ExportEndings
{
    private static readonly (string Ending, ExportFormat Format)[] All =
    [
        (".onnx", ExportFormat.Onnx), (".safetensors", ExportFormat.Safetensors), (".md", ExportFormat.Card),
        (".markdown", ExportFormat.Card),
    ];

    /// <summary>The format to write.</summary>
    /// <param name="path">The file.</param>
    /// <param name="given">The value of --format; null if it was not given.</param>
    /// <exception cref="UsageException">The ending and --format contradict each other, or neither says what to write.</exception>
    public static ExportFormat Format(string path, ExportFormat? given)
    {
        var ending = Path.GetExtension(path);
        var byEnding = All.Where(known => known.Ending.Equals(ending, StringComparison.OrdinalIgnoreCase))
            .Select(known => (ExportFormat?)known.Format).FirstOrDefault();
        return (byEnding, given) switch
        {
            ({ } format, null) => format,
            ({ } format, { } wanted) when format == wanted => format,
            (ExportFormat.Safetensors, ExportFormat.Starter) => ExportFormat.Starter,
            (null, { } wanted) => wanted,
            ({ } format, _) => throw new UsageException(
                $"--output {path} ends in {ending}, which is {format}, but --format is {given}: leave --format out, or change the ending."),
            _ => throw new UsageException(
                $"--output {path} does not say what to write: expected an ending of "
                + $"{string.Join(", ", All.Select(known => known.Ending))}, or --format."),
        };
    }
}
