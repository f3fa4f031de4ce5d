namespace MsVit.MLNet.Events;

/// <summary>The lines of a small text file.</summary>
internal static class TextLines
{
    /// <summary>The longest file that is accepted, in bytes; those of the data set have less than a thousand.</summary>
    public const int MaxLength = 1 << 20;

    public static IEnumerable<string> Read(string path) => new FileInfo(path) is { Exists: true, Length: > MaxLength and var length }
        ? throw new EventFormatException(path, "byte 0", $"the file has {length} bytes; expected a short text of at most {MaxLength}.")
        : File.ReadLines(path);
}
