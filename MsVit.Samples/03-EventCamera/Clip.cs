using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.Samples.EventCamera;

/// <summary>Writes what the network will see of one recording: all frames side by side, and as an animation.</summary>
internal static class Clip
{
    public static void Write(MLContext mlContext, IDataView recordings, EventFrameOptions options, DirectoryInfo folder)
    {
        var first = mlContext.Data.TakeRows(recordings, 1);
        var path = first.GetColumn<string>(EventColumns.Path).First();
        var sensor = new SensorSize(first.GetColumn<int>(EventColumns.SensorWidth).First(), first.GetColumn<int>(EventColumns.SensorHeight).First());
        var frames = EventFrames.Read(() => EventFile.Open(path), options with { Area = options.Area with { Sensor = sensor } });

        folder.Create();
        var (sheet, animation) = (Path.Combine(folder.FullName, "events-sheet.png"), Path.Combine(folder.FullName, "events-animation.png"));
        EventImages.WriteContactSheet(sheet, frames, new EventImageOptions { Scale = 4 });
        EventImages.WriteAnimation(animation, frames, new EventImageOptions { Scale = 8 });
        Console.WriteLine($"{Path.GetFileName(path)} ({first.GetColumn<string>(EventColumns.Label).First()}): frames in {sheet}, animated in {animation}.");
    }
}
