using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.Samples.EventCamera;

/// <summary>Writes the frames of one recording as the network sees them: side by side, and as an animation.</summary>
internal static class Clip
{
    public static void Write(MLContext mlContext, IDataView recordings, EventFrameOptions options, DirectoryInfo folder)
    {
        var first = mlContext.Data.TakeRows(recordings, 1);
        var path = first.GetColumn<string>(EventColumns.Path).First();
        var sensor = new SensorSize(
            first.GetColumn<int>(EventColumns.SensorWidth).First(), first.GetColumn<int>(EventColumns.SensorHeight).First());
        var frames = EventFrames.Read(() => EventFile.Open(path), options with { Area = options.Area with { Sensor = sensor } });

        folder.Create();
        var sheet = Path.Combine(folder.FullName, "events-sheet.png");
        var animation = Path.Combine(folder.FullName, "events-animation.png");
        EventImages.WriteContactSheet(sheet, frames, new EventImageOptions { Scale = 4 });
        EventImages.WriteAnimation(animation, frames, new EventImageOptions { Scale = 8 });
        var label = first.GetColumn<string>(EventColumns.Label).First();
        Console.WriteLine($"Wrote the frames of {Path.GetFileName(path)} ({label}) to {sheet}, and an animation to {animation}.");
    }
}
