using MsVit.MLNet.Events;

namespace MsVit.Tests.Support;

/// <summary>A folder of recordings, the smallest task on events: in which third of the sensor does something flicker?</summary>
internal sealed class RecordingFolder : IDisposable
{
    public const int Size = 128;
    public const long Duration = 10_000;
    private const int Events = 400;

    private readonly TemporaryFolder _folder = new();

    public RecordingFolder(int perClass, int seed = 1)
    {
        var random = new Random(seed);
        foreach (var (third, name) in Classes.Index())
        {
            Directory.CreateDirectory(System.IO.Path.Combine(Path, name));
            for (var i = 0; i < perClass; i++)
            {
                var top = (third * Size / 3) + random.Next(20);
                using var writer = EventWriter.Aedat2(System.IO.Path.Combine(Path, name, $"{i:00}.aedat"));
                writer.Write([.. Enumerable.Range(0, Events).Select(k => new CameraEvent(
                    k * Duration / Events, (ushort)random.Next(Size), (ushort)(top + random.Next(20)), random.Next(2) == 1))]);
                writer.Complete();
            }
        }
    }

    public static IReadOnlyList<string> Classes { get; } = ["bottom", "middle", "top"];

    public static SensorSize Sensor { get; } = new(Size, Size);

    public string Path => _folder.Path;

    /// <summary>Cuts the second recording of the first class in the middle of a record, and gives its path.</summary>
    public string Damage()
    {
        var path = System.IO.Path.Combine(Path, Classes[0], "01.aedat");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^3]);
        return path;
    }

    public void Dispose() => _folder.Dispose();
}
