using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events;

/// <summary>A small recording in every format, written independently of the library where it does not write the format itself.</summary>
internal static class AllFormats
{
    public static readonly string[] Names =
        ["a.aedat1", "a.aedat", "davis.aedat", "a31.aedat", "plain.aedat4", "lz4.aedat4", "zstd.aedat4", "a.bin", "a.dat", "evt2.raw",
            "evt3.raw", "a.npz", "a.npy", "a.csv"];

    public static byte[] Bytes(string name, CameraEvent[] events) => name switch
    {
        "a.aedat1" => SlowRecordings.Aedat1(events),
        "a.aedat" => SlowRecordings.Aedat2(events),
        "davis.aedat" => SlowRecordings.Davis240(events),
        "a31.aedat" => SlowRecordings.Aedat31(events),
        "plain.aedat4" => SlowAedat4.Of(events, 0),
        "lz4.aedat4" => SlowAedat4.Of(events, 1),
        "zstd.aedat4" => SlowAedat4.Of(events, 3),
        "a.bin" => SlowRecordings.Atis(events),
        "a.dat" => SlowRecordings.Dat(events),
        "evt2.raw" => SlowRecordings.Evt2(events),
        "evt3.raw" => SlowRecordings.Evt3(events),
        "a.npz" => Written(EventWriter.Npz, events),
        "a.npy" => SlowRecordings.Npy(events),
        _ => SlowRecordings.Text(events),
    };

    /// <summary>What a writer of the library makes of events.</summary>
    public static byte[] Written(Func<string, IEventWriter> create, CameraEvent[] events)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "written");
        using (var writer = create(path))
        {
            writer.Write(events.AsSpan(0, events.Length / 3));
            writer.Write(events.AsSpan(events.Length / 3));
            writer.Complete();
        }
        return File.ReadAllBytes(path);
    }

    public static CameraEvent[] Read(byte[] bytes, string name, EventReadOptions? options = null)
    {
        using var reader = EventFile.Open(bytes, name, options);
        return reader.ReadToEnd();
    }
}
