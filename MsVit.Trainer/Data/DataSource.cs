using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.Trainer.Data;

/// <summary>Opens the data of --data.</summary>
internal static class DataSource
{
    private const int DefaultShapes = 2000;

    /// <summary>Opens a set.</summary>
    /// <param name="mlContext">The context that loads the data.</param>
    /// <param name="path">A path, or shapes:COUNT:SEED.</param>
    /// <param name="format">The format; Auto to detect it.</param>
    /// <param name="part">Which part to open, if a folder has both.</param>
    /// <param name="sensor">The size of the sensor; null to take it from the recordings.</param>
    public static OpenedData Open(MLContext mlContext, string path, DataFormat format, DataPart part, SensorSize? sensor = null)
    {
        path = PartFolders.Of(path, part) ?? path;
        var found = format == DataFormat.Auto ? FormatDetection.Of(path, part) : format;
        return found switch
        {
            DataFormat.Shapes => new(found, Shapes(mlContext, path, part), path),
            DataFormat.Cifar10 => new(found, mlContext.Data.LoadCifar10(Files(path, part)), path),
            DataFormat.Cifar100 => new(found, mlContext.Data.LoadCifar100(Files(path, part)), path),
            DataFormat.Folder => new(found, mlContext.Data.LoadImageFolder(path, recurse: true), path),
            _ => Events(mlContext, path, sensor),
        };
    }

    private static string[] Files(string path, DataPart part)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new UsageException($"There is no file or folder {Path.GetFullPath(path)}.");
        }
        return CifarFiles.Of(path, part) is { Length: > 0 } files ? files : throw new UsageException(
            $"{path} holds no {(part == DataPart.Train ? "data_batch_*.bin or train.bin" : "test_batch*.bin or test.bin")}.");
    }

    // The test set has another seed, so it has no training images.
    private static IDataView Shapes(MLContext mlContext, string path, DataPart part)
    {
        int[] numbers = [DefaultShapes, part == DataPart.Train ? 1 : 2];
        var words = path.Split(':')[1..];
        if (words.Length > numbers.Length || !words.Index().All(word => TryRead(word.Item, out numbers[word.Index])) || numbers[0] < 1)
        {
            throw new UsageException(
                $"'{path}' is not understood: expected shapes, shapes:COUNT or shapes:COUNT:SEED, such as shapes:2000:1.");
        }
        return mlContext.Data.LoadShapeImages(numbers[0], numbers[1]);

        static bool TryRead(string word, out int number) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static OpenedData Events(MLContext mlContext, string path, SensorSize? sensor)
    {
        var listed = mlContext.Data.LoadEventRecordings(path, sensor, recurse: false);
        if (listed.GetColumn<int>(EventColumns.SensorWidth).First() > 0)
        {
            return new(DataFormat.Events, listed, path, sensor);
        }
        var measured = Measure(listed.GetColumn<string>(EventColumns.Path));
        return new(DataFormat.Events, mlContext.Data.LoadEventRecordings(path, measured), path, measured);
    }

    // Some files, such as N-MNIST's, do not state the size of the sensor; the events determine it.
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
