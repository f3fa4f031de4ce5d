namespace MsVit.MLNet;

/// <summary>Reads a list of images: a header path,label, then one image per row. Paths are relative to the list.</summary>
internal static class ImageList
{
    /// <summary>Reads a list without opening images.</summary>
    /// <param name="list">The list.</param>
    /// <param name="warn">Called with each thing that the user should know.</param>
    /// <exception cref="FileNotFoundException">The list or images are missing; the message names the first few.</exception>
    /// <exception cref="InvalidDataException">The header or a row is invalid; the message gives the line.</exception>
    public static IReadOnlyList<ImageFile> Read(string list, Action<string>? warn = null)
    {
        if (!File.Exists(list))
        {
            throw new FileNotFoundException($"The list of images {Path.GetFullPath(list)} does not exist.", list);
        }
        var folder = Path.GetDirectoryName(Path.GetFullPath(list))!;
        var read = SampleList.Read(list, (line, message) => new InvalidDataException($"{list}, line {line}: {message}"), hasSlices: false);
        ImageFile[] images = [.. read.Rows.Select(row => new ImageFile(SampleList.FullPath(row.Path, folder), row.Label))];
        SampleList.CheckExist(list, [.. images.Select(image => image.Path)]);
        if (read.IgnoredColumns.Count > 0)
        {
            warn?.Invoke($"{list}: the columns {string.Join(", ", read.IgnoredColumns)} are not used.");
        }
        return images;
    }
}
