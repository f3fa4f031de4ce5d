namespace MsVit.MLNet;

/// <summary>What the first bytes of a file say that it is.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">The format or what else it is, such as "PNG", "TIFF" or "an HTML page".</param>
internal readonly record struct FileContent(ContentKind Kind, string Name)
{
    public static FileContent Empty => new(ContentKind.Unusable, "empty (0 bytes)");

    public static FileContent Zeros => new(ContentKind.Unusable, "filled with zeros, as after an interrupted copy");

    public static FileContent Unknown => new(ContentKind.Other, "of an unknown format");

    /// <summary>What the file is, as a sentence with a space behind it; empty if that is unknown.</summary>
    public string Sentence => this == Unknown ? ""
        : Kind is ContentKind.Image or ContentKind.OtherImage ? $"It is an image of the format {Name}. "
        : Kind == ContentKind.Recording ? $"It is a recording of an event camera ({Name}). "
        : $"It is {Name}. ";
}

/// <summary>What a file can be used as.</summary>
internal enum ContentKind
{
    /// <summary>An image that the decoder reads: PNG, JPEG, BMP, GIF, WebP.</summary>
    Image,

    /// <summary>An image of a format that the decoder does not read.</summary>
    OtherImage,

    /// <summary>A recording of an event camera.</summary>
    Recording,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Nothing that anybody could use: empty, zeros, a broken link, no permission.</summary>
    Unusable,

    /// <summary>Anything else.</summary>
    Other,
}
