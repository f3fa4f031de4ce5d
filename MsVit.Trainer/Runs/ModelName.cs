using MsVit.MLNet;
using MsVit.Trainer.Data;

namespace MsVit.Trainer.Runs;

/// <summary>The default name of a model's file: the data and the network, such as photos-laptop-32.zip.</summary>
internal static class ModelName
{
    private const int LongestPart = 60;

    private static readonly string[] PartNames = ["train", "training", "train_set", "train-set", "trainset"];

    /// <summary>The name, without a folder.</summary>
    /// <param name="path">The value of --data.</param>
    /// <param name="format">What it holds.</param>
    /// <param name="network">The network.</param>
    public static string Of(string path, DataFormat format, MsVitConfig network) => $"{Data(path, format)}-{Safe(network.Name)}.zip";

    private static string Data(string path, DataFormat format)
    {
        if (format == DataFormat.Shapes)
        {
            return "shapes";
        }
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var name = File.Exists(full) ? Path.GetFileNameWithoutExtension(full) : Path.GetFileName(full);
        // photos/train is a part of photos.
        if (PartNames.Contains(name, StringComparer.OrdinalIgnoreCase)
            && Path.GetFileName(Path.GetDirectoryName(full)) is { Length: > 0 } above)
        {
            name = above;
        }
        return Safe(name) is { Length: > 0 } safe ? safe : "model";
    }

    // Letters of any script stay; what a shell or a file system might take amiss does not.
    private static string Safe(string name) =>
        string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '_' or '.' ? c : '-').Take(LongestPart)).Trim('-', '.');
}
