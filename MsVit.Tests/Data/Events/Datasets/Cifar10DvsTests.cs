using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Datasets;

public sealed class Cifar10DvsTests : IDisposable
{
    private const int PerClass = 21;

    private readonly TemporaryFolder _folder = new();

    public Cifar10DvsTests()
    {
        foreach (var name in Cifar10Dvs.ClassNames)
        {
            for (var i = 0; i < PerClass; i++)
            {
                _folder.Write($"{name}/cifar10_{name}_{i}.aedat", [1]);
            }
        }
    }

    [Fact]
    public void The_first_ninetenths_of_a_class_in_the_order_of_names_train()
    {
        var set = Prepare();
        Assert.Equal(190, set.Train.Count);
        Assert.Equal(20, set.Test.Count);
        // _0, _1, _10 ... _19, _2, _20, _3 ... _7 are nineteen names; _8 and _9 are left.
        Assert.Equal(["cifar10_bird_8.aedat", "cifar10_bird_9.aedat"],
            set.Test.Where(r => r.Label == "bird").Select(r => Path.GetFileName(r.Path)));
        Assert.All(set.ClassCounts, count => Assert.Equal((19, 2), (count.Train, count.Test)));
        Assert.Contains("truck: 19 + 2", set.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_file_whose_sum_is_not_the_published_one_is_damaged()
    {
        _folder.Write("cat.zip", [1, 2, 3]);
        var error = Assert.Throws<InvalidDataException>(() => Prepare());
        // MD5 of the bytes 1, 2, 3.
        Assert.Contains("cat.zip is damaged: its MD5 is 5289df737df57326fcdd22597afb1fac", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stratified_split_is_the_seeds_and_parts_every_class_alike()
    {
        var first = Prepare(Cifar10DvsSplit.Stratified, seed: 1);
        Assert.Equal(first.Test, Prepare(Cifar10DvsSplit.Stratified, seed: 1).Test);
        Assert.NotEqual(first.Test, Prepare(Cifar10DvsSplit.Stratified, seed: 2).Test);
        Assert.Empty(first.Train.Intersect(first.Test));
        Assert.All(first.ClassCounts, count => Assert.Equal((19, 2), (count.Train, count.Test)));
    }

    [Fact]
    public void All_missing_files_are_listed_at_once_with_the_download_page()
    {
        File.Delete(Path.Combine(_folder.Path, "cat", "cifar10_cat_7.aedat"));
        _folder.Write("dog/cifar10_dog_3.aedat", []);
        _folder.Write("frog/other.aedat", [1]);
        Directory.Delete(Path.Combine(_folder.Path, "ship"), recursive: true);
        _folder.Write("ship.zip", [1]);
        var e = Assert.Throws<InvalidDataException>(() => Prepare());
        Assert.Contains("in cat 1 file is missing: cifar10_cat_7.aedat", e.Message, StringComparison.Ordinal);
        Assert.Contains("in dog 1 file is empty: cifar10_dog_3.aedat", e.Message, StringComparison.Ordinal);
        Assert.Contains("in frog 1 file is not part of the data set: other.aedat", e.Message, StringComparison.Ordinal);
        Assert.Contains("unpack ship.zip, which is there", e.Message, StringComparison.Ordinal);
        Assert.Contains(Cifar10Dvs.Source, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_complete_set_has_a_thousand_recordings_per_class() =>
        Assert.Contains("979 files are missing", Assert.Throws<InvalidDataException>(() => Cifar10Dvs.Prepare(_folder.Path)).Message,
            StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private EventDataset Prepare(Cifar10DvsSplit split = Cifar10DvsSplit.First90Percent, int seed = 0) =>
        Cifar10Dvs.Prepare(_folder.Path, split, seed, PerClass);
}
