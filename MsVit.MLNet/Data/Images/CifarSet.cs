namespace MsVit.MLNet;

/// <summary>One of the two CIFAR sets in its binary version: records of one or two label bytes and 3 x 32 x 32 pixel bytes.</summary>
/// <remarks>Krizhevsky, "Learning multiple layers of features from tiny images", 2009; the names are those of its batches.meta
/// files.</remarks>
internal sealed class CifarSet
{
    /// <summary>Height and width of every image.</summary>
    public const int Side = 32;

    /// <summary>Bytes of an image, planar: 1,024 red, 1,024 green, 1,024 blue, rows top to bottom.</summary>
    public const int PixelBytes = 3 * Side * Side;

    /// <summary>10 classes, records of 3,073 bytes: label, pixels.</summary>
    public static readonly CifarSet Cifar10 = new(
        "CIFAR-10", ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], coarseNames: []);

    /// <summary>100 classes in 20 superclasses, records of 3,074 bytes: coarse label, fine label, pixels.</summary>
    public static readonly CifarSet Cifar100 = new(
        "CIFAR-100",
        [
            "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy", "bridge", "bus",
            "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch",
            "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house",
            "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle",
            "mountain", "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
            "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark",
            "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table",
            "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree",
            "wolf", "woman", "worm",
        ],
        [
            "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
            "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
            "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals", "trees",
            "vehicles_1", "vehicles_2",
        ]);

    private CifarSet(string name, string[] classNames, string[] coarseNames)
    {
        Name = name;
        ClassNames = classNames;
        CoarseNames = coarseNames;
    }

    /// <summary>The set's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The names of the (fine) classes, by label.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The names of the superclasses, by coarse label; empty for CIFAR-10.</summary>
    public IReadOnlyList<string> CoarseNames { get; }

    /// <summary>1, or 2 where a coarse label comes first.</summary>
    public int LabelBytes => CoarseNames.Count == 0 ? 1 : 2;

    /// <summary>3,073 or 3,074.</summary>
    public int RecordBytes => LabelBytes + PixelBytes;
}
