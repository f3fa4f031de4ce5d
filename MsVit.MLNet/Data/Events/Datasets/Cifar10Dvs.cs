namespace MsVit.MLNet.Events;

/// <summary>
/// CIFAR10-DVS: 10,000 recordings of moving CIFAR-10 images with a DVS128 camera (Li et al., Frontiers in Neuroscience 2017).
/// </summary>
/// <remarks>
/// The data set has ten zip files, one per class, which unpack to <c>&lt;class&gt;/cifar10_&lt;class&gt;_&lt;0..999&gt;.aedat</c>. Read the
/// recordings with <see cref="AedatAxes.Cifar10Dvs"/> to get the same frames as published results.
/// </remarks>
public static class Cifar10Dvs
{
    /// <summary>The download page, for use in a browser.</summary>
    public const string Source = "https://figshare.com/articles/dataset/CIFAR10-DVS_New/4724671";

    private const int PerClass = 1000;
    private const int TrainPercent = 90;

    private static readonly SensorSize Sensor = new(128, 128);

    /// <summary>The ten class names, by label.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// Checks and splits an unpacked data set. Opens no recordings; checks the MD5 of zip files that are still in the folder.
    /// </summary>
    /// <param name="folder">The folder that contains the ten class folders.</param>
    /// <param name="split">The split. The default is the first 90 % of each class.</param>
    /// <param name="seed">The seed of the stratified split. The default is 0.</param>
    /// <returns>9,000 training recordings and 1,000 test recordings.</returns>
    /// <exception cref="InvalidDataException">
    /// Class folders or recordings are missing, or there are extra or empty files. The message lists them and gives the download page.
    /// </exception>
    public static EventDataset Prepare(string folder, Cifar10DvsSplit split = Cifar10DvsSplit.First90Percent, int seed = 0) =>
        Prepare(folder, split, seed, PerClass);

    // Tests use fewer than 1,000 recordings per class.
    internal static EventDataset Prepare(string folder, Cifar10DvsSplit split, int seed, int perClass)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Check(folder, perClass);
        var train = new List<EventRecording>();
        var test = new List<EventRecording>();
        foreach (var (label, name) in ClassNames.Index())
        {
            string[] files = [.. Enumerable.Range(0, perClass).Select(i => FileName(name, i)).Order(StringComparer.Ordinal)];
            if (split == Cifar10DvsSplit.Stratified)
            {
                var random = RandomStream.For(RandomPurpose.Split, (ulong)(uint)seed, (ulong)label, 0);
                random.Shuffle<string>(files);
            }
            var trainCount = ((TrainPercent * perClass) + 99) / 100;
            EventRecording[] recordings =
            [
                .. files.Select(file => new EventRecording(Path.Combine(folder, name, file), name) { Sensor = Sensor }),
            ];
            train.AddRange(recordings[..trainCount]);
            test.AddRange(recordings[trainCount..]);
        }
        var description = split == Cifar10DvsSplit.Stratified
            ? $"stratified, seed {seed}"
            : "first 90 % of each class in file-name order";
        return new("CIFAR10-DVS", description, train, test);
    }

    private static void Check(string folder, int perClass)
    {
        var problems = new DatasetProblems("CIFAR10-DVS", folder, Source);
        foreach (var name in ClassNames)
        {
            ArchiveChecksums.Check(problems, folder, name + ".zip");
            var inside = Path.Combine(folder, name);
            if (!Directory.Exists(inside))
            {
                problems.Add(File.Exists(inside + ".zip")
                    ? $"the folder {name} is missing: unpack {name}.zip, which is there"
                    : $"the folder {name} is missing: download and unpack {name}.zip");
                continue;
            }
            var sizes = new DirectoryInfo(inside).EnumerateFiles("*.aedat")
                .ToDictionary(file => file.Name, file => file.Length, StringComparer.Ordinal);
            var expected = Enumerable.Range(0, perClass).Select(i => FileName(name, i)).ToHashSet(StringComparer.Ordinal);
            problems.AddFiles(name, "missing", expected.Where(file => !sizes.ContainsKey(file)));
            problems.AddFiles(name, "not part of the data set", sizes.Keys.Where(file => !expected.Contains(file)));
            problems.AddFiles(name, "empty", sizes.Where(file => file.Value == 0).Select(file => file.Key));
        }
        problems.ThrowIfAny();
    }

    private static string FileName(string name, int number) => $"cifar10_{name}_{number}.aedat";
}

/// <summary>The split of CIFAR10-DVS, which has no official one. Results of different splits are not comparable.</summary>
public enum Cifar10DvsSplit
{
    /// <summary>
    /// The first 90 % of each class in file-name order (_0, _1, _10, _100, ...) for training, the rest for testing. This is the usual split
    /// in the literature, and the default.
    /// </summary>
    First90Percent,

    /// <summary>A random 90 % of each class for training, the rest for testing.</summary>
    Stratified,
}
