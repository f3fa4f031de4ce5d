namespace MsVit.Trainer.Data;

/// <summary>Finds the binary files of CIFAR and tells its two versions apart.</summary>
internal static class CifarFiles
{
    // A record is a label, or two for CIFAR-100, and 32 x 32 x 3 values.
    private const int Cifar10Record = 3073;
    private const int Cifar100Record = 3074;

    /// <summary>The files of a part: the path itself, or the files of a folder, if there are any.</summary>
    public static string[] Of(string path, DataPart part)
    {
        if (File.Exists(path))
        {
            return [path];
        }
        string[] patterns = part == DataPart.Train ? ["data_batch_*.bin", "train.bin"] : ["test_batch*.bin", "test.bin"];
        return [.. patterns.SelectMany(pattern => Directory.EnumerateFiles(path, pattern)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a file belongs to CIFAR: a .bin file of whole records.</summary>
    public static bool IsCifar(string file) => Path.GetExtension(file).Equals(".bin", StringComparison.OrdinalIgnoreCase)
        && new FileInfo(file).Length is > 0 and var length && (length % Cifar10Record == 0 || length % Cifar100Record == 0);

    /// <summary>The version of the files; null for neither.</summary>
    /// <exception cref="UsageException">Their length fits both.</exception>
    public static DataFormat? Format(string[] files)
    {
        var lengths = files.Select(file => new FileInfo(file).Length).ToArray();
        return (Fit(Cifar10Record), Fit(Cifar100Record)) switch
        {
            (true, true) => throw new UsageException(
                $"{files[0]} has a length that fits CIFAR-10 and CIFAR-100: add --format cifar10 or --format cifar100."),
            (true, false) => DataFormat.Cifar10,
            (false, true) => DataFormat.Cifar100,
            _ => null,
        };

        bool Fit(int record) => lengths.All(length => length > 0 && length % record == 0);
    }
}
