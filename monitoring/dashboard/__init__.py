"""The dashboard: Clusters side by side. One definition makes a figure, its list, its trend and its download."""
