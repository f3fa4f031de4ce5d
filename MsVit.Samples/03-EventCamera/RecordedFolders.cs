using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.Samples.EventCamera;

/// <summary>Folders of real recordings, with one subfolder per class.</summary>
internal static class RecordedFolders
{
    /// <summary>
    /// Lists both sets. If the files do not state the size of the sensor, as in N-MNIST, the events of the training set determine it.
    /// </summary>
    public static Recordings Load(MLContext mlContext, string train, string test)
    {
        var listed = mlContext.Data.LoadEventRecordings(train);
        var isStated = listed.GetColumn<int>(EventColumns.SensorWidth).First() > 0;
        SensorSize? sensor = isStated ? null : Measure(listed.GetColumn<string>(EventColumns.Path));
        if (sensor is not null)
        {
            Console.WriteLine($"The files do not state the size of the sensor; their events need {sensor} pixels.");
        }
        return new(mlContext.Data.LoadEventRecordings(train, sensor), mlContext.Data.LoadEventRecordings(test, sensor));
    }

    private static SensorSize Measure(IEnumerable<string> paths)
    {
        var (right, bottom) = (0, 0);
        foreach (var path in paths)
        {
            using var recording = EventFile.Open(path);
            foreach (var e in recording.ReadToEnd())
            {
                (right, bottom) = (Math.Max(right, e.X), Math.Max(bottom, e.Y));
            }
        }
        return new(right + 1, bottom + 1);
    }
}
