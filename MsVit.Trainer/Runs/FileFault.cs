using MsVit.MLNet;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Runs;

/// <summary>Says why a file could not be read, without its name.</summary>
internal static class FileFault
{
    /// <summary>The reason in one sentence.</summary>
    /// <param name="fault">The error.</param>
    /// <param name="file">The file; null if the row has none.</param>
    /// <param name="frames">Whether the model takes recordings.</param>
    public static string Reason(Exception fault, string? file, bool frames)
    {
        var cause = fault is UndecodableImageException { InnerException: { } inner } ? inner : fault;
        return cause switch
        {
            FileNotFoundException or DirectoryNotFoundException => Missing(file),
            UnauthorizedAccessException => "You may not read this file.",
            EventFormatException when frames && file is not null && IsImage(file) =>
                "It is an image, but the model takes recordings of an event camera.",
            UndecodableImageException { ImageSource: { } source } => Rest(ErrorLine.Of(cause), $"{source}: "),
            EventFormatException { FileName: { } name } => Rest(ErrorLine.Of(cause), $"{name}, "),
            _ => ErrorLine.Of(cause),
        };
    }

    private static string Missing(string? file) => file is not null && new FileInfo(file).LinkTarget is { } target
        ? $"It is a link to {target}, which does not exist."
        : "There is no such file.";

    private static bool IsImage(string file) => ScannedFile.Of(file, "").Content.Kind is ContentKind.Image or ContentKind.OtherImage;

    private static string Rest(string message, string name) =>
        message.StartsWith(name, StringComparison.Ordinal) ? message[name.Length..] : message;
}
