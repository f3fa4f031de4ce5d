using System.IO.Compression;

namespace MsVit.MLNet.Events;

/// <summary>A zip file of NumPy arrays, stored or deflated. Each array is read sequentially.</summary>
internal sealed class NpzArchive : IDisposable
{
    private readonly ZipArchive _zip;
    private readonly string _name;

    private NpzArchive(ZipArchive zip, string name) => (_zip, _name) = (zip, name);

    /// <summary>Opens an archive. The stream stays open when the archive is closed.</summary>
    public static NpzArchive Open(Stream? stream, string name)
    {
        if (stream is null)
        {
            throw new EventFormatException(
                name, "byte 0", "an NPZ file cannot be read from a stream that cannot seek. Save it to a file first.");
        }
        return new(Guarded(name, "byte 0", () => new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true)), name);
    }

    /// <summary>The names of the arrays, without .npy.</summary>
    public IReadOnlyList<string> Names => Guarded(_name, "byte 0", () => (IReadOnlyList<string>)
        [.. _zip.Entries.Select(entry => entry.FullName).Where(name => name.EndsWith(".npy", StringComparison.Ordinal))
            .Select(name => name[..^".npy".Length])]);

    /// <summary>Opens an array by name, without .npy. The caller disposes of the window, which is at the data.</summary>
    public (ByteWindow Window, NpyHeader Header) Array(string array)
    {
        var entry = Guarded(_name, $"array {array}", () => _zip.GetEntry(array + ".npy"))
            ?? throw new EventFormatException(_name, $"array {array}", "it is not in the archive, which contains "
                + $"{string.Join(", ", _zip.Entries.Take(10).Select(entry => entry.FullName))}. "
                + "Expected t, x, y and p for events, or frames for frames.");
        var window = new ByteWindow(Guarded(_name, $"array {array}", entry.Open), leaveOpen: false);
        try
        {
            return (window, Guarded(_name, $"array {array}", () =>
                NpyHeader.Read(window, message => new EventFormatException(_name, $"array {array}", message + "."))));
        }
        catch
        {
            window.Dispose();
            throw;
        }
    }

    public void Dispose() => _zip.Dispose();

    private static T Guarded<T>(string name, string location, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentException
            or NotSupportedException or OverflowException)
        {
            throw new EventFormatException(
                name, location, $"the archive is not a readable zip file: {e.Message} Copy or create it again.", e);
        }
    }
}
