using System.IO.Compression;

namespace MsVit.Tests.Data.Events;

/// <summary>A zip file of NumPy arrays.</summary>
internal static class NpzFile
{
    public static byte[] Of(params (string Name, byte[] Content)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in arrays)
            {
                using var entry = zip.CreateEntry(name + ".npy").Open();
                entry.Write(content);
            }
        }
        return stream.ToArray();
    }
}
