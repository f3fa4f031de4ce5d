using System.Buffers.Binary;
using Tensorboard;

namespace MsVit.MLNet;

/// <summary>The event files of earlier runs in a TensorBoard folder.</summary>
/// <remarks>
/// A file is a sequence of records: length (8 bytes, little endian), masked CRC-32C of the length (4), the Event message, masked CRC-32C of
/// the message (4).
/// </remarks>
internal static class TensorBoardFiles
{
    private const int HeaderBytes = 12, FooterBytes = 4;

    /// <summary>
    /// Removes this step and later ones, and a torn record at the end of a file. A file without remaining steps is deleted.
    /// </summary>
    public static void KeepBefore(int step, string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "events.out.tfevents.*").ToArray())
        {
            var old = File.ReadAllBytes(path);
            var records = Records(old).ToArray();
            var kept = records.Where(record => record.Event.Step < step).ToArray();
            if (!kept.Any(record => record.Event.Summary is not null))
            {
                File.Delete(path);
            }
            else if (kept.Sum(record => record.Length) < old.Length)
            {
                Rewrite(path, old, kept);
            }
        }
    }

    private static void Rewrite(string path, byte[] old, (int Start, int Length, Event Event)[] kept)
    {
        // TensorBoard reads every file with "tfevents" in its name.
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, "kept.new");
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            foreach (var (start, length, _) in kept)
            {
                file.Write(old, start, length);
            }
            file.Flush(flushToDisk: true);
        }
        FileReplacement.Run(temporary, path, isKept: false);
    }

    private static IEnumerable<(int Start, int Length, Event Event)> Records(byte[] file)
    {
        for (var start = 0; start + HeaderBytes + FooterBytes <= file.Length;)
        {
            var message = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(start));
            if (message < 0 || message > file.Length - start - HeaderBytes - FooterBytes)
            {
                yield break;
            }
            var length = HeaderBytes + (int)message + FooterBytes;
            yield return (start, length, Event.Parser.ParseFrom(file, start + HeaderBytes, (int)message));
            start += length;
        }
    }
}
