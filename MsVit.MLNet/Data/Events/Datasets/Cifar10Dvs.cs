namespace MsVit.MLNet.Events;

/// <summary>CIFAR10-DVS: 10,000 recordings of a DVS128 before moving CIFAR-10 images (Li et al., Frontiers in Neuroscience 2017).</summary>
/// <remarks>
/// Ten zip files, one a class; unpacked <c>&lt;class&gt;/cifar10_&lt;class&gt;_&lt;0..999&gt;.aedat</c>. Read them with
/// <see cref="AedatAxes.Cifar10Dvs"/> for frames equal to those of published results.
/// </remarks>
public static class Cifar10Dvs
{
    /// <summary>Where it is had: by hand, in a browser.</summary>
    public const string Source = "https://figshare.com/articles/dataset/CIFAR10-DVS_New/4724671";

    private const int PerClass = 1000;
    private const int TrainPercent = 90;

    private static readonly SensorSize Sensor = new(128, 128);

    /// <summary>The ten class names, by label.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Looks over an unpacked data set and splits it. No recording is opened; zip files that still lie there are checked by MD5.</summary>
    /// <param name="folder">The folder that holds the ten class folders.</param>
    /// <param name="split">How to part it. The default is the first 90 % of each class.</param>
    /// <param name="seed">Of the stratified split. The default is 0.</param>
    /// <returns>9,000 recordings to train on and 1,000 to test on.</returns>
    /// <exception cref="InvalidDataException">Class folders or recordings are missing, or files are too many or empty; the message lists what, and where it is had.</exception>
    public static EventDataset Prepare(string folder, Cifar10DvsSplit split = Cifar10DvsSplit.First90Percent, int seed = 0) =>
        Prepare(folder, split, seed, PerClass);

    // A test has fewer recordings than 10,000.
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
            var trained = ((TrainPercent * perClass) + 99) / 100;
            EventRecording[] recordings = [.. files.Select(file => new EventRecording(Path.Combine(folder, name, file), name) { Sensor = Sensor })];
            train.AddRange(recordings[..trained]);
            test.AddRange(recordings[trained..]);
        }
        return new("CIFAR10-DVS", split == Cifar10DvsSplit.Stratified ? $"stratified, seed {seed}" : "first 90 % of each class in file-name order", train, test);
    }

    private static void Check(string folder, int perClass)
    {
        var faults = new DatasetFaults("CIFAR10-DVS", folder, Source);
        foreach (var name in ClassNames)
        {
            ArchiveChecksums.Check(faults, folder, name + ".zip");
            var inside = Path.Combine(folder, name);
            if (!Directory.Exists(inside))
            {
                faults.Add(File.Exists(inside + ".zip") ? $"the folder {name} is missing: unpack {name}.zip, which is there" : $"the folder {name} is missing: download and unpack {name}.zip");
                continue;
            }
            var sizes = new DirectoryInfo(inside).EnumerateFiles("*.aedat").ToDictionary(file => file.Name, file => file.Length, StringComparer.Ordinal);
            var expected = Enumerable.Range(0, perClass).Select(i => FileName(name, i)).ToHashSet(StringComparer.Ordinal);
            faults.AddFiles(name, "missing", expected.Where(file => !sizes.ContainsKey(file)));
            faults.AddFiles(name, "not of the data set", sizes.Keys.Where(file => !expected.Contains(file)));
            faults.AddFiles(name, "empty", sizes.Where(file => file.Value == 0).Select(file => file.Key));
        }
        faults.ThrowIfAny();
    }

    private static string FileName(string name, int number) => $"cifar10_{name}_{number}.aedat";
}

/// <summary>How CIFAR10-DVS, which has no official split, is parted. Figures of one split say nothing about another.</summary>
public enum Cifar10DvsSplit
{
    /// <summary>
    /// The first 90 % of each class in file-name order (_0, _1, _10, _100, ...) train, the rest test: the convention of the field, and the
    /// default.
    /// </summary>
    First90Percent,

    /// <summary>A seeded draw of 90 % of each class trains, the rest tests.</summary>
    Stratified,
}
