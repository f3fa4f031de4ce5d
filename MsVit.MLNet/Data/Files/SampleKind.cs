namespace MsVit.MLNet;

/// <summary>What the samples of a data set are.</summary>
public enum SampleKind
{
    /// <summary>Images.</summary>
    Images,

    /// <summary>Recordings of an event camera.</summary>
    Recordings,
}

/// <summary>Endings that say what a file is meant to be, whatever it holds.</summary>
internal static class SampleKinds
{
    private static readonly string[] Images = [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"];
    private static readonly string[] Recordings = [".aedat", ".aedat4", ".bin", ".bs2", ".dat", ".raw", ".npz", ".npy"];
    private static readonly string[] Tables = [".csv", ".txt", ".tsv"];

    /// <summary>The kind that the ending of a name claims; null for tables, notes and other files.</summary>
    public static SampleKind? Claimed(string name) =>
        Images.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) ? SampleKind.Images
        : Recordings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) ? SampleKind.Recordings
        : null;

    /// <summary>Whether a name is that of a text, which may or may not be a recording.</summary>
    public static bool IsTable(string name) => Tables.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    /// <summary>What samples of a kind are called.</summary>
    public static string Noun(this SampleKind kind, int count = 2) =>
        kind == SampleKind.Images ? count == 1 ? "image" : "images" : count == 1 ? "recording" : "recordings";
}
